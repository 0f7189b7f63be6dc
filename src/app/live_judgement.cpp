// Judges the window of a live run, and says what of it changed since it was stored last.
#include "app/live_judgement.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "turnpike/facts/kinds.h"
#include "turnpike/gather/continuation.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;

/// A question is judged by then.
constexpr base::Duration answers_come = 5s;

void mix(std::uint64_t& fingerprint, std::uint64_t value) noexcept {
    fingerprint = (fingerprint ^ value) * 0x9e3779b97f4a7c15ULL;
    fingerprint ^= fingerprint >> 29U;
}

void mix(std::uint64_t& fingerprint, std::string_view text) noexcept {
    mix(fingerprint, std::hash<std::string_view>{}(text));
}

/// Tells verdicts apart; never 0.
std::uint64_t fingerprint_of(const verdict::FlowVerdict& verdict) {
    std::uint64_t made = 1;
    for (const auto word :
         {static_cast<std::uint64_t>(verdict.outcome), static_cast<std::uint64_t>(verdict.reason),
          static_cast<std::uint64_t>(verdict.stage), static_cast<std::uint64_t>(verdict.grade),
          static_cast<std::uint64_t>(verdict.inconclusive),
          static_cast<std::uint64_t>(verdict.attribution->server_name_source)}) {
        mix(made, word);
    }
    mix(made, verdict.control);
    mix(made, verdict.attribution->server_name);
    for (const auto& note : *verdict.notes) {
        mix(made, note);
    }
    for (const auto packet : verdict.evidence) {
        mix(made, packet);
    }
    for (const auto& attribution : verdict.attribution->rules) {
        mix(made, reinterpret_cast<std::uintptr_t>(attribution.rule));
        mix(made, reinterpret_cast<std::uintptr_t>(attribution.port));
        mix(made, static_cast<std::uint64_t>(attribution.confidence));
        mix(made, attribution.matched);
    }
    return made | 1U;
}

void count(const verdict::FlowVerdict& verdict, store::FlowCounts& counts) noexcept {
    switch (verdict.outcome) {
        case verdict::Outcome::passed:
            ++counts.passed;
            break;
        case verdict::Outcome::blocked:
            ++counts.blocked;
            break;
        case verdict::Outcome::inconclusive:
            ++counts.inconclusive;
            break;
    }
}

void add(const store::FlowCounts& counts, store::FlowCounts& sum) noexcept {
    sum.passed += counts.passed;
    sum.blocked += counts.blocked;
    sum.inconclusive += counts.inconclusive;
}

void subtract(const facts::CaptureQuality& before, facts::CaptureQuality& quality) {
    quality.packets -= before.packets;
    quality.bytes -= before.bytes;
    quality.dropped -= before.dropped;
    quality.malformed -= before.malformed;
    quality.duplicates -= before.duplicates;
    quality.cut -= before.cut;
    quality.backward_steps -= before.backward_steps;
    quality.ip_packets -= before.ip_packets;
    quality.non_ip -= before.non_ip;
    quality.fragments -= before.fragments;
    quality.unseen_octets -= std::min(before.unseen_octets, quality.unseen_octets);
    if (before.packets > 0) {
        quality.first = before.last;  // the run goes on where the one before it ended
    }
    for (auto& problem : quality.problems) {
        const auto same = std::ranges::find_if(before.problems, [&](const auto& other) {
            return other.protocol == problem.protocol && other.reason == problem.reason;
        });
        problem.count -= same == before.problems.end() ? 0 : same->count;
    }
    std::erase_if(quality.problems, [](const auto& problem) { return problem.count == 0; });
}

std::vector<bool> either(std::vector<bool> these, const std::vector<bool>& those) {
    for (std::size_t i = 0; i < these.size(); ++i) {
        these[i] = these[i] || those[i];
    }
    return these;
}

}  // namespace

LiveJudgement::LiveJudgement(std::shared_ptr<const LiveCatalog> catalog,
                             bool shared_names_need_support, gather::Bounds bounds)
    : catalog_(std::move(catalog)),
      shared_names_need_support_(shared_names_need_support),
      retention_(bounds),
      most_fresh_octets_(bounds.foreign) {}

void LiveJudgement::accept(Round& round) {
    for (const auto& harvest : round.harvests) {
        for (const auto& query : harvest.rows.of<facts::DnsKind>()) {
            fresh_octets_ += facts::DnsKind::weight(query.row);
        }
    }
    window_.accept(round.harvests);
    last_packet_ = window_.observation().quality.last;
    window_.advance(round.until);
}

void LiveJudgement::judge(bool goes_on) {
    const auto catalog = next_catalog_ ? std::exchange(next_catalog_, nullptr) : catalog_;
    evaluate(*catalog, goes_on);
    catalog_ = catalog;  // only now does nothing point into the old one
    if (gather::tell_again(window_, result_)) {
        evaluate(*catalog_, goes_on);
    }
}

void LiveJudgement::evaluate(const LiveCatalog& catalog, bool goes_on) {
    const verdict::ToldBefore told{window_.told_flows(), window_.told_rows<facts::DnsKind>()};
    result_ = {};  // its room is the next one's: two at once were a tenth of the memory
    result_ = verdict::evaluate(window_.observation(), catalog.index(),
                                {.shared_names_need_support = shared_names_need_support_,
                                 .past = &ledger_,
                                 .told_before = &told,
                                 .goes_on = goes_on});
}

facts::CaptureQuality LiveJudgement::quality() const {
    facts::CaptureQuality quality = window_.observation().quality;
    subtract(baseline_, quality);
    // In the window time goes on without packets.
    quality.last = quality.first.time < last_packet_.time ? last_packet_ : quality.first;
    return quality;
}

store::FlowCounts LiveJudgement::counts() const noexcept {
    store::FlowCounts counts = gone_;
    for (std::uint32_t i = 0; i < result_.flows.size(); ++i) {
        if (!window_.told(i)) {
            count(result_.flows[i], counts);
        }
    }
    return counts;
}

store::FlowCounts LiveJudgement::all_counts() const noexcept {
    store::FlowCounts all = gone_;
    add(earlier_, all);
    for (const auto& verdict : result_.flows) {
        count(verdict, all);
    }
    return all;
}

std::vector<std::uint32_t> LiveJudgement::take_finished() {
    std::vector<std::uint32_t> finished;
    const auto& flows = window_.observation().flows;
    for (std::uint32_t i = 0; i < flows.size(); ++i) {
        if (window_.ended(i) && !std::exchange(published_[flows[i].id].finished, true)) {
            finished.push_back(i);
        }
    }
    finished_ += finished.size();
    return finished;
}

LiveJudgement::Pending LiveJudgement::pending() const {
    Pending pending{window_.changed(), {}};
    const auto& flows = window_.observation().flows;
    for (std::uint32_t i = 0; i < result_.flows.size(); ++i) {
        if (window_.told(i)) {
            continue;
        }
        const auto before = published_.find(flows[i].id);
        if (before == published_.end() ||
            before->second.verdict != fingerprint_of(result_.flows[i])) {
            pending.verdicts.push_back(i);
        }
    }
    return pending;
}

void LiveJudgement::stored(const Pending& pending) {
    const auto& flows = window_.observation().flows;
    for (const std::uint32_t i : pending.verdicts) {
        published_[flows[i].id].verdict = fingerprint_of(result_.flows[i]);
    }
    window_.committed();
    drop(retention_.choose(window_, result_, catalog_->index()));
}

void LiveJudgement::not_stored() {
    if (!is_due()) {
        return;
    }
    const auto before = window_.observation().flows.size();
    drop(retention_.choose(window_, result_, catalog_->index()));
    unstored_ += before - window_.observation().flows.size();
}

void LiveJudgement::drop(const gather::Kept& kept) {
    settle(kept);
    window_.drop(kept);
    fresh_octets_ = 0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < kept.flows.size(); ++i) {
        if (kept.flows[i]) {
            if (place != i) {
                result_.flows[place] = std::move(result_.flows[i]);
            }
            ++place;
        }
    }
    result_.flows.resize(place);
}

// What was told before is summed up there.
void LiveJudgement::settle(const gather::Kept& kept) {
    const auto& observation = window_.observation();
    ledger_.settle(observation, result_, catalog_->index(),
                   either(kept.flows, window_.told_flows()),
                   either(kept.rows.of<facts::DnsKind>(), window_.told_rows<facts::DnsKind>()));
    for (std::uint32_t i = 0; i < kept.flows.size(); ++i) {
        if (!kept.flows[i]) {
            count(result_.flows[i], window_.told(i) ? earlier_ : gone_);
            published_.erase(observation.flows[i].id);
        }
    }
}

// What still waits for an answer is the next one's.
gather::Told LiveJudgement::told_by_now() const {
    const auto& observation = window_.observation();
    gather::Told told;
    for (const auto& verdict : result_.flows) {
        told.flows.push_back(!gather::waits(verdict.inconclusive));
    }
    for (const auto& query : observation.dns) {
        const auto age = observation.quality.last.time - query.last_send.time;
        told.rows.of<facts::DnsKind>().push_back(query.response || age > answers_come);
    }
    return told;
}

void LiveJudgement::restart() {
    drop(retention_.choose(window_, result_, catalog_->index()));
    const auto& flows = window_.observation().flows;
    std::vector<std::uint64_t> ids_before;
    std::ranges::transform(flows, std::back_inserter(ids_before), &facts::Flow::id);
    window_.restart(told_by_now());
    std::unordered_map<std::uint64_t, std::uint64_t> ids;
    decltype(published_) published;
    for (std::size_t i = 0; i < ids_before.size(); ++i) {
        ids.emplace(ids_before[i], flows[i].id);
        published[flows[i].id].finished = published_[ids_before[i]].finished;
    }
    published_ = std::move(published);
    ledger_.restart(ids);
    add(gone_, earlier_);
    gone_ = {};
    baseline_ = window_.observation().quality;
}

}  // namespace turnpike::app
