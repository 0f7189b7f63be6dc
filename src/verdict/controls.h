// Successes that stand beside failures: had the host or the network been down, they would have
// failed, too.
#pragma once

#include <cstdint>
#include <vector>

#include "verdict/attempts.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Indexes of a flow that failed and of its control.
struct Control {
    std::uint32_t failed = 0;
    std::uint32_t worked = 0;
};

/// A comparable flow that worked near in time (`control_distance`) for each that failed and has
/// one (docs/verdicts.md, "Grades"). In the order of those that failed.
[[nodiscard]] std::vector<Control> find_controls(const CaptureContext& context,
                                                 const FlowVerdicts& verdicts,
                                                 const Attempts& attempts);

}  // namespace turnpike::verdict
