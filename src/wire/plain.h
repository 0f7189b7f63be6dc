// What nearly every frame of most captures is, decoded at one go: TCP or UDP over IPv4 over
// Ethernet. Handing each header on to a function of its own takes half as many instructions again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/ethernet.h"
#include "wire/ethernet_header.h"
#include "wire/ipv4_header.h"
#include "wire/transport.h"
#include "wire/tunnel_udp.h"
#include "wire/walk.h"

namespace turnpike::wire {

/// An Ethernet frame (from its addresses on) without tags, whose IPv4 packet has no options and is
/// no fragment, and whose datagram may be no tunnel. False for any other frame, and where a length
/// contradicts another: what has been noted in the packet by then is what `decode_ethernet` will
/// note.
inline bool decode_plain(Packet& packet, Region frame) noexcept {
    constexpr std::uint8_t version_4_without_options = 0x45;
    if (frame.captured() < ethernet_header + smallest_ipv4_header) {
        return false;
    }
    const EthernetHeader ethernet(frame.bytes());
    const Region network = frame.after(ethernet_header);
    const Ipv4Header ip(network.bytes());
    const std::uint16_t length = ip.u16<2>();
    if (ethernet.u16<12>() != ether_type::ipv4 || ip.u8<0>() != version_4_without_options ||
        length < smallest_ipv4_header || is_fragment(ip.u16<6>())) {
        return false;
    }
    note_ethernet(packet, ethernet);
    const Region whole = network.limited(length);
    note_ipv4(packet, ip, whole);
    const Region data = whole.after(smallest_ipv4_header);
    switch (ip.u8<9>()) {
        case ip_protocol::tcp:
            return read_tcp(packet, data).whole();
        case ip_protocol::udp:
            return read_udp(packet, data).whole() && !is_tunnel(packet);
        default:
            return false;
    }
}

}  // namespace turnpike::wire
