// Which flows and queries a report shows for a requirement: a few that carry its status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// At most this many flows, and as many queries, are kept as the evidence of one requirement; all
/// others are still found in the `flows` view by rule.
inline constexpr std::size_t evidence_limit = 4;

/// Indexes into Observation::flows: blocked ones first (and among them those with the reason
/// shown), then those that passed, then the others; where one passed, one at least is among them.
std::vector<std::uint32_t> choose_evidence(const verdict::RequirementVerdict& requirement,
                                           const verdict::FlowVerdicts& flows);

}  // namespace turnpike::store
