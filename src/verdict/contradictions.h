// Failures that the same client's success contradicts.
#pragma once

#include <cstdint>
#include <vector>

#include "verdict/attempts.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Indexes of the flows that failed although the same client reached the same endpoint near in
/// time (`control_distance`), with the same name where both are known. In order.
[[nodiscard]] std::vector<std::uint32_t> find_contradicted(const CaptureContext& context,
                                                           const FlowVerdicts& verdicts,
                                                           const Attempts& attempts);

}  // namespace turnpike::verdict
