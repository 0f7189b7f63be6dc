// What a second capture adds to the verdicts (docs/verdicts.md, "Two captures").
#pragma once

#include <vector>

#include "turnpike/facts/crossing.h"
#include "turnpike/verdict/fate.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

/// Says of each flow what became of it between the captures, and mends the verdicts that one
/// capture alone could only suspect: what died in between or was refused there is blocked, grade A;
/// what came out and was refused, or not answered, from beyond is not this firewall's doing.
std::vector<Fate> judge_crossings(const facts::Observation& observation,
                                  const facts::Comparison& comparison, FlowVerdicts& verdicts);

/// A name whose questions all died in between was blocked there: grade A.
void grade_names(const facts::Observation& observation, const std::vector<Fate>& fates,
                 NameOutcomes& names);

}  // namespace turnpike::verdict
