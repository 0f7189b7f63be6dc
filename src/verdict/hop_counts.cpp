// Learns how far away each server is, and compares single packets with that.
#include "verdict/hop_counts.h"

#include <algorithm>
#include <cstdlib>

namespace turnpike::verdict {
namespace {

constexpr std::size_t most_samples = 16;  // of one server

bool refused(const facts::Flow& flow) {
    return flow.server_of(*flow.tcp).rst->at || flow.tls->server_alert->at ||
           !flow.rare->icmp.empty();
}

}  // namespace

int hop_count(std::uint8_t hop_limit) noexcept {
    if (hop_limit <= 64) {
        return 64 - hop_limit;
    }
    return hop_limit <= 128 ? 128 - hop_limit : 255 - hop_limit;
}

HopCounts::HopCounts(const facts::Observation& observation, const Ledger* past) {
    for (const auto& flow : observation.flows) {
        look_at(flow, past);
    }
    if (!samples_.empty()) {  // mostly nobody refused anything
        learn(observation, FlowDigests(observation));
    }
}

void HopCounts::look_at(const facts::Flow& flow, const Ledger* past) {
    learn_nearest(flow);
    if (!refused(flow)) {
        return;
    }
    auto& samples = samples_[flow.server().address()];
    const auto* remembered = past != nullptr ? past->remembered(flow.id) : nullptr;
    if (remembered != nullptr && remembered->server_hops && samples.empty()) {
        samples.push_back({.hops = *remembered->server_hops, .spoke = remembered->server_spoke});
    }
}

void HopCounts::learn(const facts::Observation& observation, const FlowDigests& digests) {
    if (samples_.empty()) {
        return;
    }
    DigestSet wanted;
    for (const auto& [host, samples] : samples_) {
        wanted.insert(digest_of(host));
    }
    digests.for_each_at(wanted, [&](std::size_t i) {
        const auto& flow = observation.flows[i];
        learn(flow, flow.client().address(), flow.client());
        learn(flow, flow.server().address(), flow.server());
    });
}

/// A host is as far away as a client as it is as a server.
void HopCounts::learn(const facts::Flow& flow, const base::IpAddress& host,
                      const facts::FlowEnd& sent) {
    const auto wanted = samples_.find(host);
    if (sent.hop_limit != 0 && wanted != samples_.end() && wanted->second.size() < most_samples) {
        wanted->second.push_back({flow.id, hop_count(sent.hop_limit), sent.payload_packets > 0});
    }
}

void HopCounts::learn_nearest(const facts::Flow& flow) {
    const auto& server = flow.server().address();
    const bool is_public = !server.is_private() && !server.is_loopback() && !server.is_multicast();
    if (is_public && flow.server().payload_packets > 0 && flow.server().hop_limit != 0) {
        learn_nearest(server, hop_count(flow.server().hop_limit));
    }
}

void HopCounts::learn_nearest(const base::IpAddress& server, int hops) {
    if (nearest_ && nearest_->server == server) {
        nearest_->hops = std::min(nearest_->hops, hops);
    } else if (!nearest_ || hops < nearest_->hops) {
        second_nearest_ = nearest_;
        nearest_ = {server, hops};
    } else if (!second_nearest_ || hops < second_nearest_->hops) {
        second_nearest_ = {server, hops};
    }
}

Distance HopCounts::compare(const facts::Flow& flow, std::uint8_t hop_limit) const {
    // Nothing is on the path of a host to itself.
    if (flow.server().address().is_loopback() ||
        flow.server().address() == flow.client().address()) {
        return Distance::servers_own;
    }
    const auto known = samples_.find(flow.server().address());
    if (known == samples_.end() || known->second.empty()) {
        return Distance::unknown;
    }
    const auto& samples = known->second;
    const auto is_other = [&](const Sample& sample) { return sample.flow != flow.id; };
    const bool others = std::ranges::any_of(samples, is_other);
    const int hops = hop_count(hop_limit);
    const bool near = std::ranges::any_of(samples, [&](const Sample& sample) {
        return is_other(sample) == others && std::abs(sample.hops - hops) <= 1;
    });
    return near ? Distance::servers_own : Distance::elsewhere;
}

template <typename Predicate>
std::optional<int> HopCounts::sample_beside(const facts::Flow& flow, Predicate wanted) const {
    if (const auto known = samples_.find(flow.server().address());
        known != samples_.end() && refused(flow)) {
        for (const auto& sample : known->second) {
            if (sample.flow != flow.id && wanted(sample)) {
                return sample.hops;
            }
        }
    }
    return std::nullopt;
}

std::optional<int> HopCounts::in_other_flows(const facts::Flow& flow) const {
    return sample_beside(flow, [](const Sample&) { return true; });
}

std::optional<int> HopCounts::where_it_spoke(const facts::Flow& flow) const {
    return sample_beside(flow, [](const Sample& sample) { return sample.spoke; });
}

bool HopCounts::nearer_than_servers(const facts::Flow& flow, std::uint8_t hop_limit) const {
    constexpr int clearly_nearer = 3;
    const auto& server = flow.server().address();
    if (hop_limit == 0 || server.is_private()) {
        return false;
    }
    const auto& other = nearest_ && nearest_->server == server ? second_nearest_ : nearest_;
    return other && hop_count(hop_limit) + clearly_nearer <= other->hops;
}

}  // namespace turnpike::verdict
