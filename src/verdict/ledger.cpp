// Adds up flows, queries and grades that leave memory, requirement by requirement.
#include "turnpike/verdict/ledger.h"

#include <algorithm>

#include "turnpike/attribute/attributor.h"
#include "turnpike/base/text.h"
#include "verdict/hop_counts.h"
#include "verdict/media.h"

namespace turnpike::verdict {
namespace {

constexpr std::size_t most_remembered = 4;    // flows or queries that a report shows as evidence
constexpr std::size_t most_clients = 20'000;  // with large segments
constexpr std::size_t most_names = 20'000;    // under the vendors' patterns

/// Blocked flows are the news even beside others that passed; then whatever is latest.
bool carries_status(const Ledger::Account& account, const FlowVerdict& verdict) noexcept {
    switch (verdict.outcome) {
        case Outcome::blocked:
            return true;
        case Outcome::passed:
            return account.tally.blocked == 0 || account.tally.passed <= most_remembered / 2;
        case Outcome::inconclusive:
            return account.tally.blocked == 0 && account.tally.passed == 0;
    }
    return false;
}

void note_id(std::vector<std::uint64_t>& ids, std::uint64_t id) {
    ids.insert(ids.begin(), id);
    if (ids.size() > most_remembered) {
        ids.pop_back();
    }
}

void stretch(std::optional<base::Timestamp>& first, std::optional<base::Timestamp>& last,
             base::Timestamp from, base::Timestamp to) {
    first = std::min(first.value_or(from), from);
    last = std::max(last.value_or(to), to);
}

/// The best grade so far.
void raise(Grade& grade, Grade other) noexcept {
    grade = grade == Grade::none ? other : std::min(grade, other);
}

}  // namespace

void ReasonTally::add(BlockReason reason, Stage stage, Grade grade) {
    for (auto& entry : entries_) {
        if (entry.reason == reason) {
            ++entry.count;
            entry.grade = std::min(entry.grade, grade);
            return;
        }
    }
    entries_.push_back({reason, stage, grade, 1});
}

void ReasonTally::tell(RequirementVerdict& verdict) const {
    const auto best = std::ranges::max_element(entries_, [](const Entry& a, const Entry& b) {
        return a.count != b.count ? a.count < b.count : a.grade > b.grade;
    });
    if (best != entries_.end()) {
        verdict.reason = best->reason;
        verdict.stage = best->stage;
        verdict.grade = best->grade;
    }
}

void FlowTally::count(const facts::Flow& flow, const FlowVerdict& verdict) {
    switch (verdict.outcome) {
        case Outcome::passed:
            ++passed;
            media = media || shows_media(flow);
            break;
        case Outcome::blocked:
            ++blocked;
            reasons.add(verdict.reason, verdict.stage, verdict.grade);
            break;
        case Outcome::inconclusive:
            ++undecided;
            intermittent += verdict.inconclusive == InconclusiveReason::intermittent ? 1U : 0U;
            inconclusive = verdict.inconclusive == InconclusiveReason::waiting
                               ? InconclusiveReason::capture_ended
                               : verdict.inconclusive;
            break;
    }
    stretch(first_seen, last_seen, flow.first_seen(), flow.last_seen());
}

void Ledger::settle(const facts::Observation& observation, const RunResult& result,
                    const catalog::Index& index, const std::vector<bool>& kept_flows,
                    const std::vector<bool>& kept_queries) {
    for (std::size_t i = 0; i < result.flows.size(); ++i) {
        if (!kept_flows[i]) {
            settle_segments(observation.flows[i]);
            settle_flow(observation.flows[i], result.flows[i], index);
        }
    }
    for (std::size_t i = 0; i < observation.dns.size(); ++i) {
        const auto& name = observation.dns[i].name;
        const auto* const outcome = result.names.find(name);
        if (outcome == nullptr) {
            continue;
        }
        if (!kept_queries[i]) {
            settle_query(observation.dns[i], *outcome, index);
        } else if (outcome->grade == Grade::b) {
            settle_grade(name, Grade::b, index);
        }
    }
    remember(observation, result, kept_flows);
}

void Ledger::remember(const facts::Observation& observation, const RunResult& result,
                      const std::vector<bool>& kept_flows) {
    const HopCounts hops(observation, this);
    decltype(remembered_) now;
    for (std::size_t i = 0; i < result.flows.size(); ++i) {
        const auto& verdict = result.flows[i];
        const bool controlled = verdict.grade == Grade::b;
        const bool contradicted = verdict.inconclusive == InconclusiveReason::intermittent;
        const auto spoke = kept_flows[i] ? hops.where_it_spoke(observation.flows[i]) : std::nullopt;
        const auto server_hops =
            kept_flows[i] && !spoke ? hops.in_other_flows(observation.flows[i]) : spoke;
        if (kept_flows[i] && (controlled || contradicted || verdict.discounted || server_hops)) {
            now[observation.flows[i].id] = {
                controlled,
                verdict.control,
                contradicted,
                verdict.discounted && !verdict.notes->empty() ? verdict.notes->back() : "",
                server_hops,
                spoke.has_value()};
        }
    }
    remembered_ = std::move(now);
}

void Ledger::settle_segments(const facts::Flow& flow) {
    const auto arrived = flow.client_of(*flow.tcp).largest_segment_acked;
    if (arrived < large_segment) {
        return;
    }
    const auto& client = flow.client().address();
    if (large_segments_.size() < most_clients || large_segments_.contains(client)) {
        auto& largest = large_segments_[client];
        largest = std::max(largest, arrived);
    }
}

std::uint16_t Ledger::large_segment_of(const base::IpAddress& client) const {
    const auto found = large_segments_.find(client);
    return found == large_segments_.end() ? std::uint16_t{0} : found->second;
}

const Ledger::Remembered* Ledger::remembered(std::uint64_t flow) const {
    const auto found = remembered_.find(flow);
    return found == remembered_.end() ? nullptr : &found->second;
}

void Ledger::restart(const std::unordered_map<std::uint64_t, std::uint64_t>& ids) {
    accounts_.clear();
    names_.clear();
    decltype(remembered_) now;
    for (auto& [flow, remembered] : remembered_) {
        if (const auto id = ids.find(flow); id != ids.end()) {
            const auto control = ids.find(remembered.control);
            remembered.control = control == ids.end() ? 0 : control->second;
            now.emplace(id->second, std::move(remembered));
        }
    }
    remembered_ = std::move(now);
}

const Ledger::Account* Ledger::account(const catalog::Requirement& requirement) const {
    if (accounts_.empty()) {
        return nullptr;
    }
    const auto found = accounts_.find(requirement.key());
    return found == accounts_.end() ? nullptr : &found->second;
}

void Ledger::settle_flow(const facts::Flow& flow, const FlowVerdict& verdict,
                         const catalog::Index& index) {
    for (const auto& attribution : verdict.attribution->rules) {
        if (attribution.port == nullptr) {
            continue;
        }
        auto& account =
            accounts_[catalog::Requirement{attribution.revision, attribution.rule, attribution.port}
                          .key()];
        account.tally.count(flow, verdict);
        if (carries_status(account, verdict)) {
            note_id(account.flows, flow.id);
        }
    }
    if (verdict.attribution->server_name.empty()) {
        return;
    }
    std::string room;
    const std::string_view lower_case = base::lowered(verdict.attribution->server_name, room);
    if (Name* const name = name_of_rule(lower_case, index)) {
        name->flow_passed = name->flow_passed || verdict.outcome == Outcome::passed;
        if (verdict.outcome == Outcome::blocked) {
            name->flow_blocked = verdict.reason;
        }
    }
}

void Ledger::settle_query(const facts::DnsQuery& query, const NameOutcome& outcome,
                          const catalog::Index& index) {
    Name* const name = name_of_rule(query.name, index);
    if (name == nullptr) {
        return;
    }
    name->resolved = name->resolved || outcome.resolved;
    name->zone_says_no = name->zone_says_no || outcome.zone_says_no;
    name->undecided = outcome.undecided;
    if (outcome.reason != BlockReason::none) {
        name->reason = outcome.reason;
        raise(name->grade, outcome.grade);
        note_id(name->queries, query.id);
        stretch(name->first_asked, name->last_asked, query.start().time,
                query.response ? query.response.time : query.last_send.time);
    }
}

void Ledger::settle_grade(std::string_view name, Grade grade, const catalog::Index& index) {
    if (Name* const known = name_of_rule(name, index)) {
        raise(known->grade, grade);
    }
}

Ledger::Name* Ledger::name_of_rule(std::string_view name, const catalog::Index& index) {
    if (const auto known = names_.find(name); known != names_.end()) {
        return &known->second;
    }
    if (names_.size() >= most_names || attribute::rules_of_name(index, name).empty()) {
        return nullptr;
    }
    return &names_[std::string(name)];
}

}  // namespace turnpike::verdict
