// From facts to claims: the one entry of the verdict engine.
#pragma once

#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

struct EvaluateOptions {
    /// Names that many share (*.cloudfront.net) count for a vendor only if the same client also
    /// shows traffic that is surely the vendor's. Off where the user named the vendor himself.
    bool shared_names_need_support = true;
};

/// Judges every flow, attributes it to rules of the considered revisions and rolls the evidence up
/// per requirement. Pure: may be called again as the observation grows. The result points into both
/// arguments, which must outlive it.
RunResult evaluate(const facts::Observation& observation,
                   const std::vector<const catalog::Revision*>& considered,
                   EvaluateOptions options = {});

}  // namespace turnpike::verdict
