// Where a vendor names alternatives: which branch carried the call, and which the firewall breaks.
#include <fmt/ranges.h>

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "verdict/media.h"
#include "verdict/product_state.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

using namespace std::chrono_literals;

/// Clients try another way within some seconds of the first.
constexpr base::Duration fallback_comes = 10s;

struct Recorded {
    base::Timestamp end;
    bool goes_on = false;
};

struct Branch {
    unsigned preference = 0;
    const RequirementVerdict* observed = nullptr;
    const RequirementVerdict* carried = nullptr;  ///< observed, with what the group is about
    const RequirementVerdict* blocked = nullptr;
    const RequirementVerdict* being_tried = nullptr;  ///< and not blocked
    bool tried = false;                               ///< and not blocked
};

/// The branches of one group, and whether they carry media: then only media shows which one did.
struct Group {
    bool of_media = false;
    std::map<std::string, Branch> branches;
};

/// Ordered branches: the best that carried the call, if a better one is blocked. Unordered: any
/// that did beside any that is blocked.
std::optional<AlternativeOutcome> tell_fallback(const Group& group, const Branch& carried) {
    std::vector<std::string> broken;
    for (const auto& [name, branch] : group.branches) {
        const bool better = branch.preference < carried.preference || branch.preference == 0;
        if (branch.blocked != nullptr && branch.observed == nullptr && better) {
            broken.push_back(row_name(*branch.blocked));
        }
    }
    if (broken.empty()) {
        return std::nullopt;
    }
    AlternativeOutcome outcome;
    outcome.state = AlternativeState::fallback;
    outcome.text = fmt::format("works, but over {}: {} carried the call; blocked: {}",
                               carried.preference == 0 ? "the alternative" : "the fallback",
                               row_name(*carried.carried), fmt::join(broken, ", "));
    return outcome;
}

/// Why a fallback may yet carry it: the call went on when the recording ended.
std::string tell_unfinished(const Group& group, const Recorded& recorded) {
    std::vector<std::string> tried;
    bool any_other = false;
    bool all_lately = true;
    const auto began_lately = [&recorded](const RequirementVerdict& row) {
        return row.first_seen && recorded.end - *row.first_seen < fallback_comes;
    };
    for (const auto& [name, branch] : group.branches) {
        if (branch.being_tried != nullptr) {
            tried.push_back(row_name(*branch.being_tried));
        }
        any_other = any_other || branch.tried;
        all_lately = all_lately && (branch.blocked == nullptr || began_lately(*branch.blocked));
    }
    if (!tried.empty()) {
        return fmt::format("{}{} {} being tried", recorded.goes_on ? "" : "the capture ends while ",
                           fmt::join(tried, " and "), tried.size() == 1 ? "is" : "are");
    }
    if (any_other || !all_lately) {
        return {};
    }
    return recorded.goes_on ? "the first attempt was seconds ago, and a fallback may still come"
                            : "the capture ends seconds after the first attempt, before a fallback "
                              "had its chance";
}

/// No branch is shown to have carried media.
std::optional<AlternativeOutcome> tell_without_media(const Group& group, const Recorded& recorded) {
    AlternativeOutcome outcome;
    std::vector<std::string> blocked;
    bool any_observed = false;
    for (const auto& [name, branch] : group.branches) {
        any_observed = any_observed || branch.observed != nullptr;
        if (branch.blocked != nullptr) {
            blocked.push_back(row_name(*branch.blocked));
        }
    }
    if (!blocked.empty()) {
        outcome.state = AlternativeState::fails;
        outcome.text =
            fmt::format("FAILS: media is blocked, and no fallback carried it; blocked: {}",
                        fmt::join(blocked, ", "));
        outcome.unfinished = tell_unfinished(group, recorded);
        if (!outcome.unfinished.empty()) {
            outcome.text += "; " + outcome.unfinished;
        }
        return outcome;
    }
    if (!any_observed) {
        return std::nullopt;
    }
    outcome.text = "no media was seen";
    return outcome;
}

std::optional<AlternativeOutcome> tell(const Group& group, const Recorded& recorded) {
    const Branch* carried = nullptr;
    for (const auto& [name, branch] : group.branches) {
        if (branch.carried != nullptr &&
            (carried == nullptr || branch.preference < carried->preference)) {
            carried = &branch;
        }
    }
    if (carried != nullptr) {
        return tell_fallback(group, *carried);
    }
    return group.of_media ? tell_without_media(group, recorded) : std::nullopt;
}

}  // namespace

std::vector<AlternativeOutcome> tell_alternatives(
    const std::vector<RequirementVerdict>& requirements, base::Timestamp end, bool goes_on) {
    std::map<std::pair<const catalog::Revision*, std::string>, Group> groups;
    for (const auto& verdict : requirements) {
        const auto& rule = *verdict.requirement.rule;
        if (!rule.alternative_group.empty()) {
            auto& group = groups[{verdict.requirement.revision, rule.alternative_group}];
            group.of_media = group.of_media || expects_media(rule);
        }
    }
    for (const auto& verdict : requirements) {
        const auto& rule = *verdict.requirement.rule;
        if (rule.alternative_group.empty()) {
            continue;
        }
        auto& group = groups[{verdict.requirement.revision, rule.alternative_group}];
        auto& branch = group.branches[rule.alternative_branch];
        branch.preference = rule.preference;
        if (verdict.status == Status::observed) {
            branch.observed = &verdict;
            branch.carried = verdict.media || !group.of_media ? &verdict : branch.carried;
        } else if (verdict.status == Status::blocked) {
            branch.blocked = &verdict;
        }
        if (verdict.status == Status::observed || verdict.status == Status::inconclusive) {
            branch.tried = true;
            branch.being_tried = verdict.being_tried ? &verdict : branch.being_tried;
        }
    }
    std::vector<AlternativeOutcome> outcomes;
    for (const auto& [key, group] : groups) {
        if (auto outcome = tell(group, {end, goes_on})) {
            outcome->revision = key.first;
            outcome->group = key.second;
            outcomes.push_back(std::move(*outcome));
        }
    }
    return outcomes;
}

}  // namespace turnpike::verdict
