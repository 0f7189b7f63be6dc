// What became of every name that was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verdict/judgement.h"

namespace turnpike::verdict {

/// The outcome of a name over all its questions: an answer to any client outweighs every failure.
struct NameOutcome {
    bool resolved = false;
    BlockReason reason = BlockReason::none;  ///< of a name that was never usefully answered
    Grade grade = Grade::none;
    InconclusiveReason undecided = InconclusiveReason::none;
    std::vector<std::uint32_t> queries;  ///< indexes into Observation::dns
};

/// By name as asked; views into the observation.
using NameOutcomes = std::unordered_map<std::string_view, NameOutcome>;

/// By name as asked, lower case. Only address questions count (A, AAAA; RFC 1035, RFC 3596).
/// `flows` are the verdicts on the flows: a client that works otherwise is a control for a name
/// that fails.
NameOutcomes judge_names(const Surroundings& surroundings, const std::vector<FlowVerdict>& flows);

}  // namespace turnpike::verdict
