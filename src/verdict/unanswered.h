// What nobody answers by design: silence there tells nothing.
#pragma once

#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// Multicast, broadcast and the services that only announce or report (docs/verdicts.md, "No answer
/// expected").
bool expects_no_answer(const facts::Flow& flow) noexcept;

}  // namespace turnpike::verdict
