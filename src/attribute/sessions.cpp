#include "attribute/sessions.h"

#include <algorithm>

namespace turnpike::attribute {
namespace {

using namespace std::chrono_literals;

/// How long after its end a session still explains media (verdict rules, attribution by context).
constexpr base::Duration afterlife = 120s;

/// More addresses than this behind one link address are a router, not a dual-stack host.
constexpr std::size_t addresses_of_a_host = 8;

/// Two IPv4 addresses behind one link address are two clients behind a router.
bool is_one_host(const std::vector<base::IpAddress>& addresses) {
    return addresses.size() <= addresses_of_a_host &&
           std::ranges::count_if(addresses, &base::IpAddress::is_v4) <= 1;
}

bool is_closed(const facts::Flow& flow) noexcept {
    if (flow.transport == facts::Transport::udp) {
        return true;  // a UDP session is as alive as its packets
    }
    return flow.tcp->client_rst || flow.tcp->server_rst ||
           (flow.tcp->client_fin && flow.tcp->server_fin);
}

std::string fragments_of(const facts::Flow& flow) {
    if (flow.stun->local_ufrag.empty() || flow.stun->remote_ufrag.empty()) {
        return {};
    }
    // One key for both ends of a session, whoever is the client.
    const auto& [first, second] = std::minmax(flow.stun->local_ufrag, flow.stun->remote_ufrag);
    return first + ':' + second;
}

}  // namespace

Sessions::Sessions(const facts::Observation& observation, const std::vector<FlowAttribution>& flows,
                   const std::vector<bool>& passed)
    : observation_(observation) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        if (!flows[i].proves_vendor()) {
            continue;
        }
        const auto& flow = observation.flows[i];
        const std::string_view vendor = flows[i].rules.front().revision->vendor;
        tried_[flow.client.address].insert(vendor);
        if (!passed[i]) {
            continue;
        }
        const auto until = is_closed(flow) ? flow.last_seen() + afterlife : base::Timestamp::max();
        by_client_[flow.client.address].push_back({vendor, flow.first_seen(), until});
        learn(flow, vendor);
    }
    find_hosts(observation);
}

void Sessions::find_hosts(const facts::Observation& observation) {
    for (const auto& flow : observation.flows) {
        if (flow.client_link_address == 0) {
            continue;
        }
        auto& addresses = hosts_[flow.client_link_address];
        if (addresses.size() <= addresses_of_a_host &&
            std::ranges::find(addresses, flow.client.address) == addresses.end()) {
            addresses.push_back(flow.client.address);
        }
    }
    std::erase_if(hosts_, [](const auto& host) { return !is_one_host(host.second); });
}

Vendors Sessions::live(const base::IpAddress& client, std::uint64_t link_address,
                       base::Timestamp when) const {
    Vendors vendors;
    const auto collect = [&](const base::IpAddress& address) {
        const auto sessions = by_client_.find(address);
        if (sessions == by_client_.end()) {
            return;
        }
        for (const auto& session : sessions->second) {
            if (session.from <= when && when <= session.until) {
                vendors.insert(session.vendor);
            }
        }
    };
    collect(client);
    if (const auto host = hosts_.find(link_address); host != hosts_.end()) {
        std::ranges::for_each(host->second, collect);
    }
    return vendors;
}

bool Sessions::tried(const base::IpAddress& client, std::string_view vendor) const {
    const auto found = tried_.find(client);
    return found != tried_.end() && found->second.contains(vendor);
}

Vendors Sessions::naming(const facts::Flow& flow) const {
    Vendors vendors;
    if (const auto named = named_addresses_.find(flow.server.address);
        named != named_addresses_.end()) {
        vendors = named->second;
    }
    if (const auto named = named_fragments_.find(fragments_of(flow));
        named != named_fragments_.end()) {
        vendors.insert(named->second.begin(), named->second.end());
    }
    return vendors;
}

void Sessions::learn(const facts::Flow& flow, std::string_view vendor) {
    for (const auto index : flow.transactions) {
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
