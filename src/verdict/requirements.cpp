// The status of a requirement from its flows, and from its names where no flow was tried.
#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "turnpike/facts/given_up.h"
#include "verdict/media.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

struct Tallied {
    RequirementVerdict verdict;
    FlowTally tally;
};

/// The sums so far go to the verdict.
void tell(const FlowTally& tally, RequirementVerdict& verdict) {
    verdict.passed = tally.passed;
    verdict.blocked = tally.blocked;
    verdict.undecided = tally.undecided;
    verdict.intermittent = tally.intermittent;
    verdict.media = tally.media;
    verdict.inconclusive = tally.inconclusive;
    verdict.first_seen = tally.first_seen;
    verdict.last_seen = tally.last_seen;
}

/// What the names of a rule say where no flow does.
struct RuleNames {
    bool any_resolved = false;
    InconclusiveReason undecided = InconclusiveReason::none;
    ReasonTally reasons;
    std::vector<std::uint32_t> failed;
    std::vector<const Ledger::Name*> failed_before;  ///< their questions are gone
};

const Ledger::Name* past_of(const RollUpInput& input, std::string_view name) {
    if (input.past == nullptr) {
        return nullptr;
    }
    const auto found = input.past->names().find(name);
    const bool failed = found != input.past->names().end() && found->second.first_asked;
    return failed ? &found->second : nullptr;
}

std::unordered_map<const catalog::Rule*, RuleNames> names_by_rule(const RollUpInput& input) {
    std::unordered_map<const catalog::Rule*, RuleNames> result;
    for (const auto& [name, outcome] : input.names) {
        for (const auto& attribution : outcome.rules) {
            if (!counts(attribution, input)) {
                continue;  // what others host there says nothing about this vendor
            }
            auto& rule = result[attribution.rule];
            rule.any_resolved = rule.any_resolved || outcome.resolved;
            if (outcome.told_before) {
                continue;
            }
            if (outcome.reason != BlockReason::none) {
                rule.reasons.add(outcome.reason, Stage::dns, outcome.grade);
                rule.failed.insert(rule.failed.end(), outcome.queries.begin(),
                                   outcome.queries.end());
                if (const auto* before = past_of(input, name)) {
                    rule.failed_before.push_back(before);
                }
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
    if (!names.failed.empty() || !names.failed_before.empty()) {
        verdict.status = Status::blocked;
        names.reasons.tell(verdict);
        verdict.dns_queries = names.failed;
        for (const auto i : names.failed) {
            const auto& query = observation.dns[i];
            const auto asked = query.start().time;
            const auto last = query.response ? query.response.time : query.last_send.time;
            verdict.first_seen = std::min(verdict.first_seen.value_or(asked), asked);
            verdict.last_seen = std::max(verdict.last_seen.value_or(last), last);
        }
        for (const auto* before : names.failed_before) {
            verdict.earlier_queries.insert(verdict.earlier_queries.end(), before->queries.begin(),
                                           before->queries.end());
            verdict.first_seen =
                std::min(verdict.first_seen.value_or(*before->first_asked), *before->first_asked);
            verdict.last_seen = std::max(verdict.last_seen, before->last_asked);
        }
    } else if (names.undecided != InconclusiveReason::none) {
        verdict.status = Status::inconclusive;
        verdict.inconclusive = names.undecided;
    }
}

/// Whether a flow of the rule may be among what there was no memory for. What was given up is of no
/// vendor by itself, but may be one that only its company would attribute; what found no room may
/// be anything.
bool may_be_missing(const RequirementVerdict& verdict, const facts::CaptureQuality& quality) {
    const auto given_up = facts::given_up(quality);
    return given_up.packets_without_room > 0 ||
           (given_up.any() && verdict.requirement.rule->destinations.any);
}

void decide(const facts::Observation& observation, const RuleNames* names, Tallied& tallied) {
    auto& verdict = tallied.verdict;
    tell(tallied.tally, verdict);
    if (verdict.passed > 0) {
        verdict.status = Status::observed;
    } else if (verdict.blocked > 0) {
        verdict.status = Status::blocked;
    } else if (verdict.undecided > 0) {
        verdict.status = Status::inconclusive;
    } else if (names != nullptr) {
        decide_by_names(observation, *names, verdict);
    }
    if (verdict.status == Status::unmatched && may_be_missing(verdict, observation.quality)) {
        verdict.status = Status::inconclusive;
        verdict.inconclusive = InconclusiveReason::capture_loss;
    }
    if (verdict.blocked > 0) {
        tallied.tally.reasons.tell(
            verdict);  // also beside successes: "3 of 9 attempts blocked" by what
    }
    if (verdict.status != Status::inconclusive) {
        verdict.inconclusive = InconclusiveReason::none;
    }
}

/// The recording ends while the flow is under way.
bool is_being_tried(const facts::Flow& flow, const FlowVerdict& verdict, base::Timestamp end) {
    using namespace std::chrono_literals;
    constexpr base::Duration lately = 5s;  // an attempt is judged by then
    return verdict.outcome == Outcome::passed
               ? had_no_time_for_media(flow, end)
               : verdict.inconclusive == InconclusiveReason::capture_ended &&
                     end - flow.last_seen() < lately;
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
            const auto* past = input.past != nullptr ? input.past->account(requirement) : nullptr;
            if (past != nullptr) {
                tallied.back().tally = past->tally;
                verdict.earlier_flows = past->flows;
            }
            if (const auto& first = input.observation.quality.first; first) {
                verdict.lifecycle = requirement.rule->lifecycle_at(first.time);
            }
        }
    }
    for (const std::uint32_t i : input.digests.of_vendors()) {
        for (const auto& attribution : input.flows[i].attribution->rules) {
            const auto found = by_item.find(attribution.port);
            if (attribution.port != nullptr && found != by_item.end()) {
                auto& counted = tallied[found->second];
                const auto& flow = input.observation.flows[i];
                counted.tally.count(flow, input.flows[i]);
                counted.verdict.flows.push_back(i);
                counted.verdict.being_tried =
                    counted.verdict.being_tried ||
                    is_being_tried(flow, input.flows[i], input.observation.quality.last.time);
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
