// Collects live signalling by client, and the addresses and ICE names that it spoke of.
#include "attribute/sessions.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "turnpike/facts/ice_session.h"

namespace turnpike::attribute {
namespace {

using namespace std::chrono_literals;

/// How long after its end a session still explains media (verdict rules, attribution by context).
constexpr base::Duration afterlife = 120s;

bool is_closed(const facts::Flow& flow) noexcept {
    if (flow.transport == facts::Transport::udp) {
        return true;  // a UDP session is as alive as its packets
    }
    const auto& ends = flow.tcp->ends;
    return ends[0].rst->at || ends[1].rst->at || (ends[0].fin && ends[1].fin);
}

std::string fragments_of(const facts::Flow& flow) {
    const auto& ends = flow.stun->ends;
    if (ends[0].ufrag.empty() || ends[1].ufrag.empty()) {
        return {};
    }
    return facts::ice_session_key(*flow.stun);
}

}  // namespace

Sessions::Sessions(const facts::Observation& observation, const FlowAttributions& flows,
                   const std::vector<bool>& passed, const Hosts& hosts)
    : observation_(observation), hosts_(hosts) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        if (!proves_vendor(flows[i]->rules)) {
            continue;
        }
        const auto& flow = observation.flows[i];
        const std::string_view vendor = flows[i]->rules.front().revision->vendor;
        tried_[flow.client().address()].insert(vendor);
        if (!passed[i]) {
            continue;
        }
        const auto until = is_closed(flow) ? flow.last_seen() + afterlife : base::Timestamp::max();
        by_host_[hosts_.of(flow.client().address())].push_back({vendor, flow.first_seen(), until});
        learn(flow, vendor);
    }
    for (auto& [host, lives] : by_host_) {
        join(lives);
    }
}

Vendors Sessions::live(const base::IpAddress& client, base::Timestamp when) const {
    Vendors vendors;
    const auto sessions = by_host_.find(hosts_.of(client));
    if (sessions == by_host_.end()) {
        return vendors;
    }
    std::span<const Life> lives = sessions->second;
    while (!lives.empty()) {
        const auto of_vendor =
            std::ranges::equal_range(lives, lives.front().vendor, {}, &Life::vendor);
        const auto later = std::ranges::upper_bound(of_vendor, when, {}, &Life::from);
        if (later != of_vendor.begin() && when <= std::prev(later)->until) {
            vendors.insert(lives.front().vendor);
        }
        lives = lives.subspan(of_vendor.size());
    }
    return vendors;
}

// Of those that touch one is made.
void Sessions::join(std::vector<Life>& lives) {
    if (lives.size() < 2) {
        return;
    }
    std::ranges::sort(lives, {},
                      [](const Life& life) { return std::pair(life.vendor, life.from); });
    std::size_t last = 0;
    for (std::size_t i = 1; i < lives.size(); ++i) {
        if (lives[i].vendor == lives[last].vendor && lives[i].from <= lives[last].until) {
            lives[last].until = std::max(lives[last].until, lives[i].until);
        } else {
            lives[++last] = lives[i];
        }
    }
    lives.resize(last + 1);
}

bool Sessions::tried(const base::IpAddress& client, std::string_view vendor) const {
    const auto found = tried_.find(client);
    return found != tried_.end() && found->second.contains(vendor);
}

Vendors Sessions::naming(const facts::Flow& flow) const {
    Vendors vendors;
    if (const auto named = named_addresses_.find(flow.server().address());
        named != named_addresses_.end()) {
        vendors = named->second;
    }
    if (const auto named = named_fragments_.find(fragments_of(flow));
        named != named_fragments_.end()) {
        vendors.insert(named->second.begin(), named->second.end());
    }
    return vendors;
}

bool Sessions::may_vouch_for(const facts::Flow& flow) const {
    return std::ranges::any_of(
               flow.ends,
               [this](const auto& end) { return by_host_.contains(hosts_.of(end.address())); }) ||
           !naming(flow).empty();
}

void Sessions::learn(const facts::Flow& flow, std::string_view vendor) {
    for (const auto index : flow.rare->transactions) {
        const auto& transaction = observation_.stun[index];
        if (transaction.relayed) {
            named_addresses_[transaction.relayed.address].insert(vendor);
        }
        for (const auto& peer : transaction.peers) {
            named_addresses_[peer.address].insert(vendor);
        }
    }
    if (auto fragments = fragments_of(flow); !fragments.empty()) {
        named_fragments_[std::move(fragments)].insert(vendor);
    }
}

}  // namespace turnpike::attribute
