// Fills the state that displays show: requirements, changes, finished flows and counters.
#include "app/live_state.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "turnpike/base/time.h"

namespace turnpike::app {
namespace {

std::string evidence_text(const facts::Flow& flow, const verdict::FlowVerdict& verdict) {
    std::string text = fmt::format("{} > {}", to_string(flow.client().endpoint),
                                   to_string(flow.server().endpoint));
    if (!verdict.attribution->server_name.empty()) {
        text += fmt::format(" {}", verdict.attribution->server_name);
    }
    text += fmt::format(", {}", to_string(flow.protocol));
    if (!verdict.notes->empty()) {
        text += fmt::format(", {}", fmt::join(*verdict.notes, ", "));
    }
    return text;
}

std::string evidence_text(const facts::DnsQuery& query) {
    return fmt::format("{} asked {} for {} {}: {}", to_string(query.client),
                       to_string(query.resolver.address), query.name,
                       facts::dns_type_name(query.type),
                       query.rcode ? facts::dns_rcode_name(*query.rcode) : "no answer");
}

bool carries(verdict::Status status, verdict::Outcome outcome) noexcept {
    switch (status) {
        case verdict::Status::observed:
            return outcome == verdict::Outcome::passed;
        case verdict::Status::blocked:
            return outcome == verdict::Outcome::blocked;
        case verdict::Status::inconclusive:
        case verdict::Status::unmatched:
            return outcome == verdict::Outcome::inconclusive;
    }
    return false;
}

/// The newest flow, else the newest query, that carries the status; empty if they are gone.
std::string newest_evidence(const LiveJudgement& judgement,
                            const verdict::RequirementVerdict& requirement) {
    const auto& observation = judgement.observation();
    const auto& flows = judgement.result().flows;
    const facts::Flow* newest = nullptr;
    const verdict::FlowVerdict* its_verdict = nullptr;
    for (const std::uint32_t index : requirement.flows) {
        const auto& flow = observation.flows[index];
        if (carries(requirement.status, flows[index].outcome) &&
            (newest == nullptr || flow.last_seen() >= newest->last_seen())) {
            newest = &flow;
            its_verdict = &flows[index];
        }
    }
    if (newest != nullptr) {
        return evidence_text(*newest, *its_verdict);
    }
    return requirement.dns_queries.empty()
               ? std::string{}
               : evidence_text(observation.dns[requirement.dns_queries.back()]);
}

monitor::RequirementState row_of(const LiveJudgement& judgement,
                                 const verdict::RequirementVerdict& verdict) {
    const auto& revision = *verdict.requirement.revision;
    const auto& rule = *verdict.requirement.rule;
    const auto& port = *verdict.requirement.port;
    monitor::RequirementState row;
    row.vendor = revision.vendor;
    row.product = revision.product;
    row.revision = revision.revision;
    row.rule_id = rule.id;
    row.purpose = rule.purpose;
    row.level = to_string(level_of(verdict));
    row.transport = to_string(port.transport);
    row.ports = port.text;
    row.destination = rule.destinations.text();
    row.status = to_string(verdict.status);
    row.block_reason = to_string(verdict.reason);
    row.stage = to_string(verdict.stage);
    row.grade = to_string(verdict.grade);
    row.inconclusive_reason = to_string(verdict.inconclusive);
    row.passed = verdict.passed;
    row.blocked = verdict.blocked;
    row.undecided = verdict.undecided;
    row.first_seen = verdict.first_seen;
    row.last_seen = verdict.last_seen;
    row.evidence = newest_evidence(judgement, verdict);
    return row;
}

monitor::FinishedFlow finished_flow(const facts::Flow& flow, const verdict::FlowVerdict& verdict) {
    monitor::FinishedFlow row;
    row.flow_id = flow.id;
    row.transport = to_string(flow.transport);
    row.client = flow.client().endpoint;
    row.server = flow.server().endpoint;
    row.first_seen = flow.first_seen();
    row.last_seen = flow.last_seen();
    row.packets_out = flow.client().packets;
    row.packets_in = flow.server().packets;
    row.bytes_out = flow.client().bytes;
    row.bytes_in = flow.server().bytes;
    row.protocol = to_string(flow.protocol);
    row.server_name = verdict.attribution->server_name;
    row.outcome = to_string(verdict.outcome);
    row.block_reason = to_string(verdict.reason);
    row.stage = to_string(verdict.stage);
    row.grade = to_string(verdict.grade);
    row.inconclusive_reason = to_string(verdict.inconclusive);
    if (!verdict.attribution->rules.empty()) {
        const auto& best = verdict.attribution->rules.front();
        row.vendor = best.revision->vendor;
        row.product = best.revision->product;
        row.revision = best.revision->revision;
        row.rule_id = best.port != nullptr ? best.rule->id : std::string{};
        row.confidence = to_string(best.confidence);
    }
    return row;
}

/// A new database begins with rows that say less than what is known: that is no change.
bool says_less(std::string_view published, const monitor::RequirementState& row) noexcept {
    return row.status == "unmatched" ||
           (row.status == "inconclusive" &&
            (published == "observed" ||
             (published == "blocked" && row.inconclusive_reason == "waiting")));
}

}  // namespace

LiveState::LiveState(std::string source, std::string database) {
    state_.source = std::move(source);
    state_.database = std::move(database);
    state_.started = base::now();
    state_.now = state_.started;
}

const monitor::State& LiveState::update(LiveJudgement& judgement, const capture::Drops& drops,
                                        std::uint64_t resident_octets) {
    state_.now = base::now();
    state_.changes.clear();
    state_.finished.clear();
    tell_requirements(judgement);
    for (const std::uint32_t index : judgement.take_finished()) {
        state_.finished.push_back(
            finished_flow(judgement.observation().flows[index], judgement.result().flows[index]));
    }
    tell_counters(judgement, drops, resident_octets);
    state_.warnings = judgement.result().warnings;
    state_.alternatives.clear();
    for (const auto& alternative : judgement.result().alternatives) {
        state_.alternatives.push_back(fmt::format("{}/{}: {}", alternative.revision->vendor,
                                                  alternative.revision->product, alternative.text));
    }
    return state_;
}

void LiveState::tell_requirements(const LiveJudgement& judgement) {
    state_.requirements.clear();
    for (const auto& verdict : judgement.result().requirements) {
        state_.requirements.push_back(row_of(judgement, verdict));
        tell_change(verdict.requirement.key(), state_.requirements.back());
    }
}

void LiveState::tell_change(const std::string& key, monitor::RequirementState& row) {
    auto& published = published_[key];
    if (!says_less(published.status, row) &&
        (published.status != row.status || published.reason != row.block_reason)) {
        state_.changes.push_back({state_.now, published.status, state_.requirements.size() - 1});
        published = {row.status, row.block_reason, state_.now};
    }
    if (!published.status.empty()) {
        row.changed = published.changed;
    }
}

void LiveState::tell_counters(const LiveJudgement& judgement, const capture::Drops& drops,
                              std::uint64_t resident_octets) {
    const auto& quality = judgement.observation().quality;
    const auto counts = judgement.all_counts();
    auto& counters = state_.counters;
    counters.packets = quality.packets;
    counters.octets = quality.bytes;
    counters.dropped_by_kernel = drops.by_kernel + drops.unplaced;
    counters.dropped_by_interface = drops.by_interface;
    counters.dropped_by_turnpike = judgement.flows_unstored();
    counters.unseen_octets = quality.unseen_octets;
    counters.duplicates = quality.duplicates;
    counters.malformed = quality.malformed;
    counters.flows_active = judgement.flows_followed();
    counters.flows_finished = judgement.flows_finished();
    counters.flows_passed = counts.passed;
    counters.flows_blocked = counts.blocked;
    counters.flows_inconclusive = counts.inconclusive;
    counters.resident_octets = resident_octets;
    state_.problems.clear();
    for (const auto& problem : quality.problems) {
        state_.problems.push_back({problem.protocol, problem.reason, problem.count});
    }
}

}  // namespace turnpike::app
