// How strongly the packets blame something on the path.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Whether a flow that worked says something about the way to a vendor: resolvers and local
/// services answer from the client's own side, and so does its own network.
bool can_control(const facts::Flow& flow);

/// A control must be this near in time to speak for the same state of the network.
inline constexpr base::Duration control_distance = 60s;

/// Raises the grade of blocked flows: A for two marks of an injected reset, B for a control from
/// the same capture that worked, now or (`past`, may be null) before it left the observation.
/// Grades that a device gave (A) stay.
void grade_blocks(const facts::Observation& observation,
                  const std::vector<attribute::FlowAttribution>& attributions,
                  std::vector<FlowVerdict>& verdicts, const Ledger* past = nullptr);

}  // namespace turnpike::verdict
