// Which of several fitting rules a flow belongs to.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"

namespace turnpike::attribute {

/// Keeps the best of the candidates: a fitting port item before none, then the more specific
/// pattern, then the expected protocol. Revisions of one product do not compete: each is an audit
/// by itself. Equals are all kept, strongest confidence first; behind them the rows of the vendor's
/// other products that carry media to the same networks, if the flow carried much.
std::vector<Attribution> decide(std::vector<Attribution> candidates, const facts::Flow& flow);

}  // namespace turnpike::attribute
