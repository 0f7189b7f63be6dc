// How strongly the packets blame something on the path.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Raises the grade of blocked flows: A for two marks of an injected reset, B for a control from
/// the same capture that worked. Grades that a device gave (A) stay.
void grade_blocks(const facts::Observation& observation,
                  const std::vector<attribute::FlowAttribution>& attributions,
                  std::vector<FlowVerdict>& verdicts);

}  // namespace turnpike::verdict
