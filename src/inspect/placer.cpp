// Makes the flow keys and hashes of a batch of packets, and marks copies.
#include "turnpike/inspect/placer.h"

#include <algorithm>
#include <array>

namespace turnpike::inspect {

Placed Placer::place_of(const base::Endpoint& source, const base::Endpoint& destination,
                        std::uint8_t protocol, std::uint16_t segment) const noexcept {
    const auto oriented = flow::make_key(source, destination, protocol, segment);
    Placed placed;
    placed.flow = oriented.key.hash(secret_);
    placed.segment = segment;
    placed.source_is_low = oriented.source_is_low;
    return placed;
}

std::uint16_t Placer::find_segment(const wire::Packet& packet) {
    const std::pair tags{by_vlan_ ? packet.vlan_id : std::uint16_t{0},
                         by_tunnel_ ? packet.tunnel_id : std::uint32_t{0}};
    if (const auto known = segments_.find(tags); known != segments_.end()) {
        return known->second;
    }
    if (segments_.size() == UINT16_MAX) {
        ++networks_refused_;
        return 0;
    }
    return segments_.emplace(tags, static_cast<std::uint16_t>(segments_.size() + 1)).first->second;
}

// In two rounds: the first asks for the memory that the second needs.
void Placer::place(std::span<const wire::Packet> packets, std::span<Placed> places) {
    std::array<std::uint64_t, group> fingerprints;
    const std::size_t count = std::min({packets.size(), places.size(), group});
    for (std::size_t i = 0; i < count; ++i) {
        const wire::Packet& packet = packets[i];
        if (packet.transport != wire::TransportKind::none) {
            const std::uint16_t segment = segment_of(packet);
            const auto oriented = flow::make_key(packet, segment);
            places[i].flow = oriented.key.hash(secret_);
            places[i].segment = segment;
            places[i].source_is_low = oriented.source_is_low;
            fingerprints[i] = copies_.fingerprint(packet, places[i].flow, places[i].source_is_low);
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (packets[i].transport != wire::TransportKind::none) {
            places[i].sighting = copies_.see(packets[i], fingerprints[i]);
            places[i].copying = copies_.copying();
            places[i].decided = copies_.decided();
        }
    }
}

}  // namespace turnpike::inspect
