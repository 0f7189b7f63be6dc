// How strongly the packets blame something on the path, and whether other attempts contradict that.
#pragma once

#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Raises the grade of blocked flows: A for two marks of an injected reset; B for a control of the
/// same kind (docs/verdicts.md, "Grades"), now or (`past`, may be null) before it left the
/// observation. Blocks that the same client's success at the same endpoint contradicts become
/// "intermittent". What a device said (A) stands.
void grade_blocks(const CaptureContext& context, FlowVerdicts& verdicts,
                  const Ledger* past = nullptr);

}  // namespace turnpike::verdict
