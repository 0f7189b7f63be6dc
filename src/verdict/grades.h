// How strongly the packets blame something on the path, and whether other attempts contradict that.
#pragma once

#include <vector>

#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// A control must be this near in time to speak for the same state of the network.
inline constexpr base::Duration control_distance = 60s;

/// Raises the grade of blocked flows: A for two marks of an injected reset; B for a control of the
/// same kind (docs/verdicts.md, "Grades"), now or (`past`, may be null) before it left the
/// observation. Blocks that the same client's success at the same endpoint contradicts become
/// "intermittent". What a device said (A) stands.
void grade_blocks(const CaptureContext& context, FlowVerdicts& verdicts,
                  const Ledger* past = nullptr);

}  // namespace turnpike::verdict
