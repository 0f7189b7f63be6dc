// Which vendors a client is in a live session with, and which addresses those sessions named.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/attribute/hosts.h"
#include "turnpike/base/address_map.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::attribute {

/// A set of vendors by their catalog word.
using Vendors = std::set<std::string_view>;

/// The signalling seen in an observation. A session lives from the first packet of a passed flow
/// that proves a vendor until two minutes after its end; a TCP connection that nobody closed is
/// still open. References its arguments, which must outlive it.
class Sessions {
  public:
    Sessions(const facts::Observation& observation, const FlowAttributions& flows,
             const std::vector<bool>& passed, const Hosts& hosts);

    /// Vendors with live signalling of this client at that time.
    [[nodiscard]] Vendors live(const base::IpAddress& client, base::Timestamp when) const;
    /// Whether the client tried anything that is surely this vendor's, however it ended.
    [[nodiscard]] bool tried(const base::IpAddress& client, std::string_view vendor) const;
    /// Vendors whose sessions named this flow: its server by XOR-PEER or XOR-RELAYED address, or
    /// its ICE user fragments.
    [[nodiscard]] Vendors naming(const facts::Flow& flow) const;

    /// False if neither `live`, for one of its ends, nor `naming` can say anything of this flow.
    [[nodiscard]] bool may_vouch_for(const facts::Flow& flow) const;

    /// Lets a flow that was attributed by now vouch for others by its ICE user fragments and peers.
    void learn(const facts::Flow& flow, std::string_view vendor);

  private:
    /// A stretch of time in which a vendor's sessions lived.
    struct Life {
        std::string_view vendor;
        base::Timestamp from;
        base::Timestamp until;
    };
    static void join(std::vector<Life>& lives);

    const facts::Observation& observation_;
    const Hosts& hosts_;
    /// By the address that stands for the client's machine; by vendor, then in order and apart.
    base::AddressMap<std::vector<Life>> by_host_;
    base::AddressMap<Vendors> tried_;
    base::AddressMap<Vendors> named_addresses_;
    boost::unordered_flat_map<std::string, Vendors, base::KeyedTextHash> named_fragments_;
};

}  // namespace turnpike::attribute
