// Finds which addresses are one machine's, by the link addresses of its packets.
#include "turnpike/attribute/hosts.h"

#include <algorithm>
#include <utility>

namespace turnpike::attribute {
namespace {

/// More addresses than this behind one link address are a router, not a dual-stack host.
constexpr std::size_t addresses_of_a_host = 8;

using Addresses = std::vector<base::IpAddress>;

bool is_one_host(const Addresses& addresses) {
    return addresses.size() > 1 && addresses.size() <= addresses_of_a_host &&
           std::ranges::count_if(addresses, &base::IpAddress::is_v4) <= 1;
}

}  // namespace

Hosts::Hosts(const facts::Observation& observation) {
    for (const auto& flow : observation.flows) {
        add(flow);
    }
    settle();
}

void Hosts::add(const facts::Flow& flow) {
    // The unspecified address is that of a host that has none yet (RFC 1122 3.2.1.3; DHCP).
    if (flow.client().link_address == 0 || flow.client().address().is_unspecified()) {
        return;
    }
    auto& addresses = links_[flow.client().link_address];
    if (addresses.size() <= addresses_of_a_host &&
        std::ranges::find(addresses, flow.client().address()) == addresses.end()) {
        addresses.push_back(flow.client().address());
    }
}

void Hosts::settle() {
    const auto links = std::exchange(links_, {});
    base::AddressMap<std::size_t> seen_behind;
    for (const auto& [link, addresses] : links) {
        for (const auto& address : addresses) {
            ++seen_behind[address];
        }
    }
    // Packets of an address that is seen behind two link addresses took a router.
    const auto elsewhere = [&](const auto& address) { return seen_behind.at(address) > 1; };
    for (const auto& [link, addresses] : links) {
        if (is_one_host(addresses) && std::ranges::none_of(addresses, elsewhere)) {
            const auto& first = std::ranges::min(addresses);
            for (const auto& address : addresses) {
                joined_.emplace(address, first);
            }
        }
    }
}

const base::IpAddress& Hosts::of(const base::IpAddress& address) const {
    const auto found = joined_.find(address);
    return found == joined_.end() ? address : found->second;
}

}  // namespace turnpike::attribute
