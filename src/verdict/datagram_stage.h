// The stage that a flow of datagrams is at: what it speaks.
#pragma once

#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

Stage datagram_stage(const facts::Flow& flow) noexcept;

}  // namespace turnpike::verdict
