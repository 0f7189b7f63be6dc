// The lists that facts are kept in.
#pragma once

#include "turnpike/base/blocks.h"

namespace turnpike::facts {

/// Rows of one kind: references stay valid while it grows.
template <typename Row>
using Rows = base::Blocks<Row>;

}  // namespace turnpike::facts
