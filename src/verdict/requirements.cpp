// The status of a requirement from its flows, and from its names where no flow was tried.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

/// Counts reasons and keeps the best grade of each.
class ReasonTally {
  public:
    void add(BlockReason reason, Stage stage, Grade grade) {
        for (auto& entry : entries_) {
            if (entry.reason == reason) {
                ++entry.count;
                entry.grade = std::min(entry.grade, grade);
                return;
            }
        }
        entries_.push_back({reason, stage, grade, 1});
    }
    /// The most frequent reason; among equals the better grade.
    void tell(RequirementVerdict& verdict) const {
        const auto best = std::ranges::max_element(entries_, [](const Entry& a, const Entry& b) {
            return a.count != b.count ? a.count < b.count : a.grade > b.grade;
        });
        if (best != entries_.end()) {
            verdict.reason = best->reason;
            verdict.stage = best->stage;
            verdict.grade = best->grade;
        }
    }

  private:
    struct Entry {
        BlockReason reason;
        Stage stage;
        Grade grade;
        std::uint32_t count;
    };
    std::vector<Entry> entries_;
};

struct Tallied {
    RequirementVerdict verdict;
    ReasonTally reasons;
};

void count_flow(std::uint32_t index, const facts::Flow& flow, const FlowVerdict& judged,
                Tallied& tallied) {
    auto& verdict = tallied.verdict;
    verdict.flows.push_back(index);
    switch (judged.outcome) {
        case Outcome::passed:
            ++verdict.passed;
            break;
        case Outcome::blocked:
            ++verdict.blocked;
            tallied.reasons.add(judged.reason, judged.stage, judged.grade);
            break;
        case Outcome::inconclusive:
            ++verdict.undecided;
            verdict.inconclusive = judged.inconclusive;
            break;
    }
    const auto first = flow.first_seen();
    const auto last = flow.last_seen();
    verdict.first_seen = std::min(verdict.first_seen.value_or(first), first);
    verdict.last_seen = std::max(verdict.last_seen.value_or(last), last);
}

/// What the names of a rule say where no flow does.
struct RuleNames {
    bool any_resolved = false;
    InconclusiveReason undecided = InconclusiveReason::none;
    ReasonTally reasons;
    std::vector<std::uint32_t> failed;
};

std::unordered_map<const catalog::Rule*, RuleNames> names_by_rule(const RollUpInput& input) {
    std::unordered_map<const catalog::Rule*, RuleNames> result;
    for (const auto& [name, outcome] : input.names) {
        for (const auto& attribution : attribute::rules_of_name(input.index, name)) {
            if (attribution.shared && input.shared_names_need_support) {
                continue;  // what others host there says nothing about this vendor
            }
            auto& rule = result[attribution.rule];
            rule.any_resolved = rule.any_resolved || outcome.resolved;
            if (outcome.reason != BlockReason::none) {
                rule.reasons.add(outcome.reason, Stage::dns, outcome.grade);
                rule.failed.insert(rule.failed.end(), outcome.queries.begin(),
                                   outcome.queries.end());
            } else if (!outcome.resolved && outcome.undecided != InconclusiveReason::none) {
                rule.undecided = outcome.undecided;
            }
        }
    }
    return result;
}

void decide_by_names(const facts::Observation& observation, const RuleNames& names,
                     RequirementVerdict& verdict) {
    if (names.any_resolved) {
        return;  // the failed name stands in `domains`
    }
    if (!names.failed.empty()) {
        verdict.status = Status::blocked;
        names.reasons.tell(verdict);
        verdict.dns_queries = names.failed;
        for (const auto i : names.failed) {
            const auto& query = observation.dns[i];
            const auto asked = query.query ? query.query.time : query.response.time;
            const auto last = query.response ? query.response.time : query.last_send.time;
            verdict.first_seen = std::min(verdict.first_seen.value_or(asked), asked);
            verdict.last_seen = std::max(verdict.last_seen.value_or(last), last);
        }
    } else if (names.undecided != InconclusiveReason::none) {
        verdict.status = Status::inconclusive;
        verdict.inconclusive = names.undecided;
    }
}

void decide(const facts::Observation& observation, const RuleNames* names, Tallied& tallied) {
    auto& verdict = tallied.verdict;
    if (verdict.passed > 0) {
        verdict.status = Status::observed;
    } else if (verdict.blocked > 0) {
        verdict.status = Status::blocked;
    } else if (verdict.undecided > 0) {
        verdict.status = Status::inconclusive;
    } else if (names != nullptr) {
        decide_by_names(observation, *names, verdict);
    }
    if (verdict.blocked > 0) {
        tallied.reasons.tell(verdict);  // also beside successes: "3 of 9 attempts blocked" by what
    }
    if (verdict.status != Status::inconclusive) {
        verdict.inconclusive = InconclusiveReason::none;
    }
}

}  // namespace

catalog::Level level_of(const RequirementVerdict& verdict) noexcept {
    const bool in_force = verdict.lifecycle == catalog::Lifecycle::active ||
                          verdict.lifecycle == catalog::Lifecycle::retiring;
    return in_force ? verdict.requirement.level() : catalog::Level::optional;
}

std::string condition_of(const RequirementVerdict& verdict) {
    const auto& condition = verdict.requirement.condition();
    if (verdict.lifecycle == catalog::Lifecycle::active) {
        return condition;
    }
    std::string text(catalog::to_string(verdict.lifecycle));
    text += " when the capture was made";
    return condition.empty() ? text : condition + "; " + text;
}

std::vector<RequirementVerdict> roll_up_requirements(const RollUpInput& input) {
    std::vector<Tallied> tallied;
    std::unordered_map<const catalog::PortItem*, std::size_t> by_item;
    for (const auto* revision : input.index.revisions()) {
        for (const auto& requirement : catalog::requirements_of(*revision)) {
            by_item.emplace(requirement.port, tallied.size());
            auto& verdict = tallied.emplace_back().verdict;
            verdict.requirement = requirement;
            if (const auto& first = input.observation.quality.first; first) {
                verdict.lifecycle = requirement.rule->lifecycle_at(first.time);
            }
        }
    }
    for (std::uint32_t i = 0; i < input.flows.size(); ++i) {
        for (const auto& attribution : input.flows[i].attributions) {
            const auto found = by_item.find(attribution.port);
            if (attribution.port != nullptr && found != by_item.end()) {
                count_flow(i, input.observation.flows[i], input.flows[i], tallied[found->second]);
            }
        }
    }
    const auto names = names_by_rule(input);
    std::vector<RequirementVerdict> verdicts;
    verdicts.reserve(tallied.size());
    for (auto& entry : tallied) {
        const auto found = names.find(entry.verdict.requirement.rule);
        decide(input.observation, found == names.end() ? nullptr : &found->second, entry);
        verdicts.push_back(std::move(entry.verdict));
    }
    return verdicts;
}

}  // namespace turnpike::verdict
