// What is declared of flows goes into their attribution and their verdicts.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/verdict/declared.h"

namespace turnpike::verdict {

/// A declared flow belongs to the rows it was tried for, and to no others.
void attribute_declared(const facts::Observation& observation, const Declarations& declarations,
                        attribute::FlowAttributions& attributions);

/// Declared flows were tried one by one and raced nobody: none of them lost.
void keep_declared(const facts::Observation& observation, const Declarations& declarations,
                   const FlowVerdicts& before, FlowVerdicts& verdicts);

/// What the far end saw makes a failure certain: grade A, whatever else worked.
void hear_witnesses(const facts::Observation& observation, const Declarations& declarations,
                    FlowVerdicts& verdicts);

/// After the grades: where nobody had to answer, silence is no failure.
void excuse_silence(const facts::Observation& observation, const Declarations& declarations,
                    FlowVerdicts& verdicts);

}  // namespace turnpike::verdict
