// What became of every name that was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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

/// By name as asked, lower case. Only address questions count (A, AAAA; RFC 1035, RFC 3596).
/// `flows` are the verdicts on the flows: a client that works otherwise is a control for a name
/// that fails.
std::map<std::string_view, NameOutcome> judge_names(const Surroundings& surroundings,
                                                    const std::vector<FlowVerdict>& flows);

}  // namespace turnpike::verdict
