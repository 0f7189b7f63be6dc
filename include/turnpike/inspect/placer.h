// The first look at a packet: which flow it belongs to, and whether a mirror port delivered it
// before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "turnpike/base/keyed_hash.h"
#include "turnpike/flow/copy_filter.h"
#include "turnpike/flow/flow_key.h"
#include "turnpike/inspect/reading.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

/// Where a packet belongs and what the copy filter knew once it had seen it.
struct Placed {
    flow::FlowHash flow = 0;
    std::uint16_t segment = 0;  ///< of the flow's key
    bool source_is_low = true;  ///< the packet's, among the ends of that key
    flow::Sighting sighting;
    bool copying = false;  ///< the capture as a whole shows copying
    bool decided = false;  ///< enough was seen to tell that it does or does not
    /// What the payload says, where whoever placed the packet has read it already; lives as long.
    const Reading* reading = nullptr;
};

/// Looks at the packets of one observation in their order. It keeps no flows, so that it can work
/// ahead of the Inspector it belongs to on another thread. Not thread-safe.
class Placer {
  public:
    /// As many packets as are worth being looked at together.
    static constexpr std::size_t group = 16;

    /// Tags and tunnels tell networks with equal addresses apart only if asked to.
    Placer(const base::HashKey& secret, bool by_vlan, bool by_tunnel)
        : secret_(secret), by_vlan_(by_vlan), by_tunnel_(by_tunnel), copies_(secret) {}

    /// At most `group` packets, in order; as many places. Nothing is said of a packet without TCP,
    /// UDP or ICMP.
    void place(std::span<const wire::Packet> packets, std::span<Placed> places);

    /// The key of a flow in a network that a Placed names.
    [[nodiscard]] Placed place_of(const base::Endpoint& source, const base::Endpoint& destination,
                                  std::uint8_t protocol, std::uint16_t segment) const noexcept;
    /// Under which packets are hashed.
    [[nodiscard]] const base::HashKey& secret() const noexcept { return secret_; }
    /// Packets of networks beyond what can be told apart.
    [[nodiscard]] std::uint64_t networks_refused() const noexcept { return networks_refused_; }

  private:
    /// The number of the packet's network among those that tags and tunnels tell apart; 0 by
    /// default.
    [[nodiscard]] std::uint16_t segment_of(const wire::Packet& packet) {
        return by_vlan_ || by_tunnel_ ? find_segment(packet) : std::uint16_t{0};
    }
    [[nodiscard]] std::uint16_t find_segment(const wire::Packet& packet);

    base::HashKey secret_;
    bool by_vlan_;
    bool by_tunnel_;
    flow::CopyFilter copies_;
    /// Networks in the order in which they appeared, by VLAN and tunnel id.
    std::map<std::pair<std::uint16_t, std::uint32_t>, std::uint16_t> segments_;
    std::uint64_t networks_refused_ = 0;
};

}  // namespace turnpike::inspect
