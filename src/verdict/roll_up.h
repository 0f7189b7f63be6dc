// From flows and names to requirements, domains and what the documents do not mention.
#pragma once

#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/catalog/index.h"
#include "verdict/flow_digests.h"
#include "verdict/name_outcomes.h"

namespace turnpike::verdict {

/// Vendors with traffic that is surely theirs: a flow by name or address, or a question for a name
/// under a pattern of their own. Views into the catalog.
using VendorsSeen = std::set<std::string_view>;
VendorsSeen vendors_seen(const FlowVerdicts& flows, const FlowDigests& digests,
                         const NameOutcomes& names);

/// Everything that the roll-up reads.
struct RollUpInput {
    const facts::Observation& observation;
    const catalog::Index& index;
    const FlowVerdicts& flows;
    const FlowDigests& digests;
    const NameOutcomes& names;
    const VendorsSeen& vendors;
    const Ledger* past = nullptr;           ///< see EvaluateOptions
    bool shared_names_need_support = true;  ///< see EvaluateOptions
};

/// Whether what happened to a name says something about the rule: one that many share does only
/// beside the vendor's own traffic, or where the row is required and the user named the vendor.
bool counts(const Attribution& attribution, const RollUpInput& input);

std::vector<RequirementVerdict> roll_up_requirements(const RollUpInput& input);
std::vector<DomainVerdict> roll_up_domains(const RollUpInput& input);
std::vector<Undocumented> list_undocumented(const RollUpInput& input);
/// Which branch of each set of alternatives carried the call, where that is worth saying. `end`: of
/// what was recorded so far; `goes_on`: more is to come.
std::vector<AlternativeOutcome> tell_alternatives(
    const std::vector<RequirementVerdict>& requirements, base::Timestamp end, bool goes_on);
/// One entry a product that something proves to have been there. `result` holds everything else.
std::vector<Headline> headlines(const RollUpInput& input, const RunResult& result);

}  // namespace turnpike::verdict
