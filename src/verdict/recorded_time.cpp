// Chains recordings of one tap, and says whether one went on after a given time.
#include "verdict/recorded_time.h"

#include <algorithm>
#include <optional>

#include "turnpike/base/address_map.h"

namespace turnpike::verdict {
namespace {

/// A packet that comes later than this shows nothing about the time between.
constexpr base::Duration reach = 60s;

/// Packets of one tap may be recorded a little out of order, before and behind a rotation.
constexpr base::Duration disorder = 100ms;

using Stretches = std::vector<facts::Stretch>;

/// In order of time, those that touch made one. What several workers saw of one interface overlaps.
Stretches settle(Stretches stretches) {
    std::ranges::sort(stretches, {}, &facts::Stretch::from);
    Stretches settled;
    for (const auto& stretch : stretches) {
        if (!settled.empty() && stretch.from - settled.back().to <= facts::Recording::silence) {
            settled.back().to = std::max(settled.back().to, stretch.to);
        } else {
            settled.push_back(stretch);
        }
    }
    return settled;
}

struct Chain {
    std::uint32_t link_type = 0;
    base::Timestamp end;
    std::size_t index = 0;
    std::vector<std::size_t> taps;
};

/// Which recordings saw the same hosts: by flows that went on from one to the other, or by clients.
class Hosts {
  public:
    explicit Hosts(const facts::Observation& observation)
        : recordings_(observation.quality.recordings), clients_(recordings_.size()) {
        if (recordings_.size() < 2) {
            return;
        }
        for (const auto& flow : observation.flows) {
            if (flow.tap < clients_.size()) {
                clients_[flow.tap].insert(flow.client().address());
            }
        }
    }
    [[nodiscard]] bool shared(const std::vector<std::size_t>& before, std::size_t now) const {
        return std::ranges::any_of(before, [&](std::size_t tap) { return shared(tap, now); });
    }

  private:
    [[nodiscard]] bool shared(std::size_t before, std::size_t now) const {
        const auto& flows = recordings_[now].same_flows_as;
        return std::ranges::find(flows, before) != flows.end() ||
               std::ranges::any_of(clients_[now], [&](const base::IpAddress& client) {
                   return clients_[before].contains(client);
               });
    }

    const std::vector<facts::Recording>& recordings_;
    std::vector<base::AddressSet> clients_;  ///< by tap
};

/// The chain that a file continues: the one that ended last before it.
std::optional<std::size_t> continued(const std::vector<Chain>& chains,
                                     const facts::Recording& recording, std::size_t tap,
                                     base::Timestamp begin, const Hosts& hosts) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < chains.size(); ++i) {
        const auto& chain = chains[i];
        const bool fits = chain.link_type == recording.link_type && chain.end <= begin + disorder &&
                          begin - chain.end <= reach;
        if (fits && (!best || chains[*best].end < chain.end) && hosts.shared(chain.taps, tap)) {
            best = i;
        }
    }
    return best;
}

}  // namespace

RecordedTime::RecordedTime(const facts::Observation& observation)
    : chain_of_(observation.quality.recordings.size()) {
    const auto& recordings = observation.quality.recordings;
    const Hosts hosts(observation);
    struct Part {
        std::size_t tap;
        Stretches stretches;
    };
    std::vector<Part> parts;
    for (std::size_t tap = 0; tap < recordings.size(); ++tap) {
        if (!recordings[tap].stretches.empty()) {
            parts.push_back({tap, settle(recordings[tap].stretches)});
        }
    }
    std::ranges::stable_sort(parts, {},
                             [](const Part& part) { return part.stretches.front().from; });
    std::vector<Chain> chains;
    for (auto& part : parts) {
        const auto& recording = recordings[part.tap];
        auto place = continued(chains, recording, part.tap, part.stretches.front().from, hosts);
        if (!place) {
            place = chains.size();
            chains.push_back({recording.link_type, {}, chains_.size(), {}});
            chains_.emplace_back();
        }
        auto& chain = chains[*place];
        chain.end = part.stretches.back().to;
        chain.taps.push_back(part.tap);
        auto& whole = chains_[chain.index];
        whole.insert(whole.end(), part.stretches.begin(), part.stretches.end());
        chain_of_[part.tap] = chain.index;
    }
    for (auto& chain : chains_) {
        chain = settle(std::move(chain));
    }
}

bool RecordedTime::went_on_after(std::uint32_t tap, base::Timestamp time) const {
    if (tap >= chain_of_.size() || chains_.empty()) {
        return false;
    }
    const auto& chain = chains_[chain_of_[tap]];
    const auto next = std::ranges::lower_bound(chain, time + patience, {}, &facts::Stretch::to);
    // Within a stretch no gap is longer than `silence`, so a packet came in time.
    return next != chain.end() && next->from <= time + reach;
}

}  // namespace turnpike::verdict
