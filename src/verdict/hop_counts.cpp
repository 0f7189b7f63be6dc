#include "verdict/hop_counts.h"

#include <algorithm>
#include <cstdlib>

namespace turnpike::verdict {
namespace {

constexpr std::size_t most_samples = 16;  // of one server

bool refused(const facts::Flow& flow) {
    return flow.tcp->server_rst || flow.tls->server_alert || !flow.icmp.empty();
}

bool answered(const facts::Flow& flow) noexcept {
    return flow.in.hop_limit != 0;
}

}  // namespace

int hop_count(std::uint8_t hop_limit) noexcept {
    if (hop_limit <= 64) {
        return 64 - hop_limit;
    }
    return hop_limit <= 128 ? 128 - hop_limit : 255 - hop_limit;
}

HopCounts::HopCounts(const facts::Observation& observation) {
    for (const auto& flow : observation.flows) {
        if (refused(flow)) {
            samples_[flow.server.address];
        }
    }
    if (samples_.empty()) {
        return;
    }
    for (const auto& flow : observation.flows) {
        if (answered(flow)) {
            learn(flow);
        }
    }
}

void HopCounts::learn(const facts::Flow& flow) {
    const auto& server = flow.server.address;
    if (const auto wanted = samples_.find(server);
        wanted != samples_.end() && wanted->second.size() < most_samples) {
        wanted->second.push_back({flow.id, hop_count(flow.in.hop_limit)});
    }
    const bool is_public = !server.is_private() && !server.is_loopback() && !server.is_multicast();
    if (is_public && flow.in.payload_packets > 0) {
        learn_nearest(server, hop_count(flow.in.hop_limit));
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
    const auto known = samples_.find(flow.server.address);
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

bool HopCounts::nearer_than_servers(const facts::Flow& flow, std::uint8_t hop_limit) const {
    constexpr int clearly_nearer = 3;
    const auto& server = flow.server.address;
    if (hop_limit == 0 || server.is_private()) {
        return false;
    }
    const auto& other = nearest_ && nearest_->server == server ? second_nearest_ : nearest_;
    return other && hop_count(hop_limit) + clearly_nearer <= other->hops;
}

}  // namespace turnpike::verdict
