// Which addresses belong to one client machine.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/facts/facts.h"

namespace turnpike::attribute {

/// The client machines of an observation: one IPv4 address and the IPv6 addresses behind one link
/// address are one machine (docs/verdicts.md, "Attribution"). Two IPv4 addresses behind one link
/// address are two clients behind a router; there nothing is joined.
class Hosts {
  public:
    /// Reads the link addresses of all flows once; keeps no reference to the observation.
    explicit Hosts(const facts::Observation& observation);
    /// The same for whoever goes through the flows anyhow: `add` each, then `settle`.
    Hosts() = default;
    /// Reads the flow's link addresses.
    void add(const facts::Flow& flow);
    /// Finds the machines; before that each address is its own.
    void settle();

    /// One address that stands for all of the machine that has this one: the same for each of them.
    /// Where nothing is joined that is `address` itself, so the reference lives no longer than it.
    [[nodiscard]] const base::IpAddress& of(const base::IpAddress& address) const;

  private:
    /// Client addresses by link address; more than a host has are not kept.
    boost::unordered_flat_map<std::uint64_t, std::vector<base::IpAddress>, base::KeyedNumberHash>
        links_;
    base::AddressMap<base::IpAddress> joined_;
};

}  // namespace turnpike::attribute
