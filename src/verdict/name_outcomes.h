// What became of every name that was asked for.
#pragma once

#include <vector>

#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// By name as asked, lower case. Only address questions count (A, AAAA; RFC 1035, RFC 3596).
/// `flows` are the verdicts on the flows: a client that works otherwise is a control for a name
/// that fails. `past` (or null) holds names whose questions are gone; it must outlive the result.
NameOutcomes judge_names(const Surroundings& surroundings, const std::vector<FlowVerdict>& flows,
                         const Ledger* past);

}  // namespace turnpike::verdict
