// Judges the window of a live run, and says what of it changed since it was stored last.
#include "app/live_judgement.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "turnpike/facts/kinds.h"

namespace turnpike::app {
namespace {

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
    window_.advance(round.until);
}

void LiveJudgement::judge(bool goes_on) {
    const auto catalog = next_catalog_ ? std::exchange(next_catalog_, nullptr) : catalog_;
    result_ = {};  // its room is the next one's: two at once were a tenth of the memory
    result_ = verdict::evaluate(window_.observation(), catalog->index(),
                                {.shared_names_need_support = shared_names_need_support_,
                                 .past = &ledger_,
                                 .goes_on = goes_on});
    catalog_ = catalog;  // only now does nothing point into the old one
}

facts::CaptureQuality LiveJudgement::quality() const {
    facts::CaptureQuality quality = window_.observation().quality;
    subtract(baseline_, quality);
    return quality;
}

store::FlowCounts LiveJudgement::counts() const noexcept {
    store::FlowCounts counts = gone_;
    for (const auto& verdict : result_.flows) {
        count(verdict, counts);
    }
    return counts;
}

store::FlowCounts LiveJudgement::all_counts() const noexcept {
    store::FlowCounts all = counts();
    add(earlier_, all);
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

void LiveJudgement::settle(const gather::Kept& kept) {
    const auto& observation = window_.observation();
    ledger_.settle(observation, result_, catalog_->index(), kept.flows,
                   kept.rows.of<facts::DnsKind>());
    for (std::size_t i = 0; i < kept.flows.size(); ++i) {
        if (!kept.flows[i]) {
            count(result_.flows[i], gone_);
            published_.erase(observation.flows[i].id);
        }
    }
}

void LiveJudgement::restart() {
    gather::Kept kept = retention_.choose(window_, result_, catalog_->index());
    for (std::uint32_t i = 0; i < kept.flows.size(); ++i) {
        kept.flows[i] = !window_.ended(i);
    }
    drop(kept);
    window_.restart();
    ledger_.clear();
    add(gone_, earlier_);
    gone_ = {};
    published_.clear();
    baseline_ = window_.observation().quality;
}

}  // namespace turnpike::app
