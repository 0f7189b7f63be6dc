// Where a vendor names alternatives: which branch carried the call, and which the firewall breaks.
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

struct Branch {
    unsigned preference = 0;
    const RequirementVerdict* observed = nullptr;
    const RequirementVerdict* blocked = nullptr;
};

using Group = std::map<std::string, Branch>;  // by branch

std::string name_of(const RequirementVerdict& verdict) {
    const auto& requirement = verdict.requirement;
    return fmt::format("{} ({} {})", requirement.rule->purpose,
                       catalog::to_string(requirement.port->transport), requirement.port->text);
}

/// Ordered branches: the best that worked, if a better one is blocked. Unordered: any that worked
/// beside any that is blocked.
std::string tell(const Group& group) {
    const Branch* carried = nullptr;
    for (const auto& [name, branch] : group) {
        if (branch.observed != nullptr &&
            (carried == nullptr || branch.preference < carried->preference)) {
            carried = &branch;
        }
    }
    if (carried == nullptr) {
        return {};
    }
    std::vector<std::string> broken;
    for (const auto& [name, branch] : group) {
        const bool better = branch.preference < carried->preference || branch.preference == 0;
        if (branch.blocked != nullptr && branch.observed == nullptr && better) {
            broken.push_back(name_of(*branch.blocked));
        }
    }
    if (broken.empty()) {
        return {};
    }
    return fmt::format("works, but over {}: {} carried the call; blocked: {}",
                       carried->preference == 0 ? "the alternative" : "the fallback",
                       name_of(*carried->observed), fmt::join(broken, ", "));
}

}  // namespace

std::vector<AlternativeOutcome> tell_alternatives(
    const std::vector<RequirementVerdict>& requirements) {
    std::map<std::pair<const catalog::Revision*, std::string>, Group> groups;
    for (const auto& verdict : requirements) {
        const auto& rule = *verdict.requirement.rule;
        if (rule.alternative_group.empty()) {
            continue;
        }
        auto& branch =
            groups[{verdict.requirement.revision, rule.alternative_group}][rule.alternative_branch];
        branch.preference = rule.preference;
        if (verdict.status == Status::observed) {
            branch.observed = &verdict;
        } else if (verdict.status == Status::blocked) {
            branch.blocked = &verdict;
        }
    }
    std::vector<AlternativeOutcome> outcomes;
    for (const auto& [key, group] : groups) {
        if (auto text = tell(group); !text.empty()) {
            outcomes.push_back({key.first, key.second, std::move(text)});
        }
    }
    return outcomes;
}

}  // namespace turnpike::verdict
