// Link types (LINKTYPE_ values, www.tcpdump.org/linktypes.html): their names, and the headers that
// exist only in capture files.
#include <algorithm>
#include <array>

#include "wire/ethernet_header.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

using Decoder = Decoded (*)(Walk&, Region) noexcept;

// Address families of the systems that write them: BSD, macOS, Linux, Windows, Solaris.
constexpr std::uint32_t family_ipv4 = 2;
constexpr std::array<std::uint32_t, 6> families_ipv6{10, 23, 24, 26, 28, 30};

constexpr std::uint16_t smallest_ether_type = 0x0600;  // IEEE 802.3 3.2.6

// ARPHRD_ values of cooked captures that change what the protocol field means.
constexpr std::uint16_t arphrd_ip_gre = 778;
constexpr std::uint16_t arphrd_radiotap = 803;
constexpr std::uint16_t arphrd_netlink = 824;

/// A small number in the byte order of the machine that wrote it, which the file does not tell.
std::uint32_t read_either_order(base::Bytes bytes) noexcept {
    const std::uint32_t big = base::Cursor(bytes).u32();
    return big > 0xffff ? base::Cursor(bytes).u32_le() : big;
}

bool is_ipv6_family(std::uint32_t family) noexcept {
    return std::ranges::find(families_ipv6, family) != families_ipv6.end();
}

Decoded decode_family(Walk& walk, std::uint32_t family, Region region) noexcept {
    if (family == family_ipv4) {
        return decode_ipv4(walk, region);
    }
    return is_ipv6_family(family) ? decode_ipv6(walk, region) : unknown_payload(walk, Layer::link);
}

/// What follows `count` octets, handed to `next`.
Decoded skip_to(Walk& walk, std::size_t count, Decoder next, Region region) noexcept {
    if (region.captured() < count) {
        return too_short(Layer::link, region);
    }
    return next(walk, region.after(count));
}

/// An address family in the byte order of the capturing machine, which the file does not tell.
Decoded decode_null(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t family = cursor.u32();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    const Region inner = region.after(4);
    const auto type = static_cast<std::uint16_t>(family);
    if (type >= smallest_ether_type) {  // some tools write an EtherType instead
        return decode_ether_type(walk, type, inner);
    }
    return decode_family(walk, read_either_order(region.bytes()), inner);
}

/// OpenBSD's encapsulation interface: family, security parameter index, flags.
Decoded decode_enc(Walk& walk, Region region) noexcept {
    constexpr std::size_t header = 12;
    if (region.captured() < header) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, read_either_order(region.bytes()), region.after(header));
}

/// OpenBSD's packet filter log: its length (padded to 4), the family, and what rule matched.
Decoded decode_packet_filter(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::size_t length = (cursor.u8() + std::size_t{3}) & ~std::size_t{3};
    const std::uint8_t family = cursor.u8();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, family, region.after(length));
}

/// Solaris: version, family (2 or 26), and where the packet was seen, 24 octets in all.
Decoded decode_ipnet(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(1);
    const std::uint8_t family = cursor.u8();
    cursor.skip(22);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, family, region.after(24));
}

Decoded decode_cooked_protocol(Walk& walk, std::uint16_t hardware, std::uint16_t protocol,
                               Region region) noexcept {
    switch (hardware) {
        case arphrd_netlink:
            return not_ip(Layer::link);
        case arphrd_radiotap:
            return decode_radiotap(walk, region);
        case arphrd_ip_gre:
            return decode_gre(walk, region);
        default:
            break;
    }
    constexpr std::uint16_t ieee_802_2 = 4;  // linux/if_ether.h: LLC; 1 is Novell's raw 802.3
    if (protocol == ieee_802_2) {
        return decode_llc(walk, region);
    }
    return protocol < smallest_ether_type ? not_ip(Layer::link)
                                          : decode_ether_type(walk, protocol, region);
}

/// Linux "any" device: packet type, hardware type, address length and address, protocol.
Decoded decode_cooked(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(2);
    const std::uint16_t hardware = cursor.u16();
    cursor.skip(10);
    const std::uint16_t protocol = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_cooked_protocol(walk, hardware, protocol, region.after(16));
}

/// Version 2: protocol, reserved, interface, hardware type, packet type, address length, address.
Decoded decode_cooked_2(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t protocol = cursor.u16();
    cursor.skip(6);
    const std::uint16_t hardware = cursor.u16();
    cursor.skip(10);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_cooked_protocol(walk, hardware, protocol, region.after(20));
}

/// Netfilter's log: family, version, resource, then type-length-values of which one is the packet.
Decoded decode_netfilter_log(Walk& walk, Region region) noexcept {
    constexpr std::uint16_t payload = 9;
    base::Cursor cursor(region.bytes());
    const std::uint8_t family = cursor.u8();
    cursor.skip(3);
    while (!cursor.empty()) {
        const std::uint16_t length = cursor.u16_le();
        const std::uint16_t type = cursor.u16_le();
        if (!cursor.ok()) {
            break;
        }
        if (length < 4) {
            return malformed(Layer::link, base::ParseError::bad_length);
        }
        if (type == payload) {
            return decode_family(walk, family,
                                 region.after(cursor.position()).limited(length - 4U));
        }
        cursor.skip(((length + std::size_t{3}) & ~std::size_t{3}) - 4);  // padded
    }
    return cursor.ok() && !region.cut() ? not_ip(Layer::link) : too_short(Layer::link, region);
}

/// Frame control, two addresses, LLC (ISO 9314-2). Anything but an LLC frame is the ring's own.
Decoded decode_fddi(Walk& walk, Region region) noexcept {
    if (region.bytes().empty()) {
        return too_short(Layer::link, region);
    }
    const bool is_llc = (region.bytes()[0] & 0x70U) == 0x50U;
    return is_llc ? skip_to(walk, 13, decode_llc, region) : not_ip(Layer::link);
}

/// IEEE 802.5: access and frame control, two addresses, perhaps a route, LLC.
Decoded decode_token_ring(Walk& walk, Region region) noexcept {
    constexpr std::size_t header = 14;
    base::Cursor cursor(region.bytes());
    cursor.skip(1);
    const bool is_llc = cursor.u8() >> 6U == 1;
    cursor.skip(6);
    const bool routed = (cursor.u8() & 0x80U) != 0;
    cursor.skip(5);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    if (!is_llc) {
        return not_ip(Layer::link);
    }
    const std::size_t route = routed ? cursor.peek() & 0x1fU : 0U;
    return skip_to(walk, header + route, decode_llc, region);
}

/// IP over IEEE 1394 as macOS captures it: two addresses of 8 octets and the EtherType.
Decoded decode_firewire(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(16);
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_ether_type(walk, type, region.after(18));
}

Decoded decode_slip(Walk& walk, Region region) noexcept {
    return skip_to(walk, 16, decode_ip, region);  // direction and the compressed header
}
Decoded decode_directed_ppp(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_ppp, region);
}
Decoded decode_directed_hdlc(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_cisco_hdlc, region);
}
Decoded decode_directed_relay(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_frame_relay, region);
}
Decoded decode_netanalyzer(Walk& walk, Region region) noexcept {
    return skip_to(walk, 4, decode_ethernet, region);
}
Decoded decode_mpacket(Walk& walk, Region region) noexcept {
    return skip_to(walk, 8, decode_ethernet, region);  // IEEE 802.3 99: preamble
}

/// macOS: the header's length, what kind of record, the link type of what follows.
Decoded decode_pktap(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t length = cursor.u32_le();
    cursor.skip(4);
    const std::uint32_t link_type = cursor.u32_le();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_link(walk, link_type, region.after(length));
}

struct LinkType {
    std::uint16_t number;
    Decoder decode;
};

// Behind each its LINKTYPE_ name (www.tcpdump.org/linktypes.html).
// clang-format off
constexpr std::array link_types{
    LinkType{0, decode_null},              // NULL
    LinkType{1, decode_ethernet},          // ETHERNET
    LinkType{6, decode_token_ring},        // IEEE802_5
    LinkType{8, decode_slip},              // SLIP
    LinkType{9, decode_ppp},               // PPP
    LinkType{10, decode_fddi},             // FDDI
    LinkType{12, decode_ip},               // RAW
    LinkType{14, decode_ip},               // RAW
    LinkType{50, decode_cisco_hdlc},       // PPP_HDLC
    LinkType{51, decode_pppoe},            // PPP_ETHER
    LinkType{100, decode_llc},             // ATM_RFC1483
    LinkType{101, decode_ip},              // RAW
    LinkType{104, decode_cisco_hdlc},      // C_HDLC
    LinkType{105, decode_wifi},            // IEEE802_11
    LinkType{106, decode_llc},             // ATM_CLIP
    LinkType{107, decode_frame_relay},     // FRELAY
    LinkType{108, decode_null},            // LOOP
    LinkType{109, decode_enc},             // ENC
    LinkType{113, decode_cooked},          // LINUX_SLL
    LinkType{117, decode_packet_filter},   // PFLOG
    LinkType{119, decode_prism},           // IEEE802_11_PRISM
    LinkType{127, decode_radiotap},        // IEEE802_11_RADIOTAP
    LinkType{138, decode_firewire},        // APPLE_IP_OVER_IEEE1394
    LinkType{163, decode_prism},           // IEEE802_11_AVS
    LinkType{166, decode_directed_ppp},    // PPP_PPPD
    LinkType{192, decode_ppi},             // PPI
    LinkType{204, decode_directed_ppp},    // PPP_WITH_DIR
    LinkType{205, decode_directed_hdlc},   // C_HDLC_WITH_DIR
    LinkType{206, decode_directed_relay},  // FRELAY_WITH_DIR
    LinkType{219, decode_mpls},            // MPLS
    LinkType{226, decode_ipnet},           // IPNET
    LinkType{228, decode_ipv4},            // IPV4
    LinkType{229, decode_ipv6},            // IPV6
    LinkType{239, decode_netfilter_log},   // NFLOG
    LinkType{240, decode_netanalyzer},     // NETANALYZER
    LinkType{258, decode_pktap},           // PKTAP
    LinkType{274, decode_mpacket},         // ETHERNET_MPACKET
    LinkType{276, decode_cooked_2},        // LINUX_SLL2
};
// clang-format on

const LinkType* find_link_type(std::uint32_t number) noexcept {
    const auto* const found = std::ranges::lower_bound(link_types, number, {}, &LinkType::number);
    return found != link_types.end() && found->number == number ? found : nullptr;
}

}  // namespace

Decoded decode_link(Walk& walk, std::uint32_t link_type, Region region) noexcept {
    if (link_type == link_type_ethernet) {
        return decode_ethernet(walk, region);
    }
    if (!walk.enter()) {
        return too_deep(Layer::link);
    }
    const LinkType* const found = find_link_type(link_type);
    if (found == nullptr) {
        return {.kind = FrameKind::unknown_link_type, .layer = Layer::link, .error = {}};
    }
    return found->decode(walk, region);
}

}  // namespace turnpike::wire
