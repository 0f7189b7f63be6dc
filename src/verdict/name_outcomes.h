// What became of every name that was asked for.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/catalog/index.h"
#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Everything that the judgement on names reads.
struct NamesInput {
    const CaptureContext& context;
    const catalog::Index& index;
    const FlowVerdicts& flows;
    const Ledger* past = nullptr;  ///< names whose questions are gone; must outlive the result
};

/// By name as asked, lower case. Only address questions count (A, AAAA; RFC 1035, RFC 3596).
NameOutcomes judge_names(const NamesInput& input);

}  // namespace turnpike::verdict
