// From flows and names to requirements, domains and what the documents do not mention.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/catalog/index.h"
#include "verdict/name_outcomes.h"

namespace turnpike::verdict {

/// Everything that the roll-up reads.
struct RollUpInput {
    const facts::Observation& observation;
    const catalog::Index& index;
    const std::vector<attribute::FlowAttribution>& attributions;
    const std::vector<FlowVerdict>& flows;
    const NameOutcomes& names;
    const Ledger* past = nullptr;           ///< see EvaluateOptions
    bool shared_names_need_support = true;  ///< see EvaluateOptions
};

std::vector<RequirementVerdict> roll_up_requirements(const RollUpInput& input);
std::vector<DomainVerdict> roll_up_domains(const RollUpInput& input);
std::vector<Undocumented> list_undocumented(const RollUpInput& input);
/// Which branch of each set of alternatives carried the call, where that is worth saying.
std::vector<AlternativeOutcome> tell_alternatives(
    const std::vector<RequirementVerdict>& requirements);

}  // namespace turnpike::verdict
