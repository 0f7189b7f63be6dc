// IPv4 (RFC 791 3.1) and IPv6 (RFC 8200 3, 4) headers, and the protocols that follow them.
#include "wire/fragments.h"
#include "wire/ipv4_header.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

constexpr std::size_t ipv6_header = 40;
constexpr std::uint32_t fragment_header = 8;  // RFC 8200 4.5; gone from the datagram once whole
constexpr std::uint32_t largest_datagram = 65535;  // RFC 768: the length field's range

// Protocol numbers (IANA).
constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t ipv4_in_ip = 4;
constexpr std::uint8_t ipv6_in_ip = 41;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t ipv6_fragment = 44;
constexpr std::uint8_t gre = 47;
constexpr std::uint8_t authentication = 51;
constexpr std::uint8_t destination_options = 60;
constexpr std::uint8_t ethernet_in_ip = 97;  // RFC 3378
constexpr std::uint8_t mobility = 135;
constexpr std::uint8_t mpls_in_ip = 137;  // RFC 4023
constexpr std::uint8_t host_identity = 139;
constexpr std::uint8_t shim6 = 140;
constexpr std::uint8_t ethernet_in_srv6 = 143;  // RFC 8986 10.1

// Options of IPv4 (RFC 791 3.1) and of the hop-by-hop header.
constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t loose_source_route = 131;
constexpr std::uint8_t strict_source_route = 137;
constexpr std::uint8_t pad1 = 0;              // RFC 8200 4.2
constexpr std::uint8_t jumbo_payload = 0xc2;  // RFC 2675 2

/// The frame of a first fragment that tells something alone: the header of UDP says how long the
/// datagram is, so that it is one that the capture cut. (What was in fragments itself is no frame.)
const WholeFrame* frame_alone(const Walk& walk, const Fragment& fragment) noexcept {
    const bool tells = fragment.offset == 0 && fragment.protocol == ip_protocol::udp;
    return tells && walk.reassemblies == 0 ? &walk.frame : nullptr;
}

/// Hands a fragment over, and goes on if it was the last one missing.
Decoded reassemble(Walk& walk, Fragment fragment, Region region) noexcept {
    fragment.alone = frame_alone(walk, fragment);
    if (walk.takes_first && fragment.alone != nullptr) {
        return decode_udp(walk, {region.bytes(), largest_datagram});
    }
    const auto datagram = walk.fragments.add(fragment, region);
    if (!datagram) {
        return datagram.error() == base::ParseError::truncated
                   ? Decoded{.kind = FrameKind::fragment, .layer = Layer::fragments, .error = {}}
                   : malformed(Layer::fragments, datagram.error());
    }
    ++walk.reassemblies;
    Packet& packet = walk.packet;
    packet.reassembled = true;
    packet.hop_limit = datagram->hop_limit;
    packet.ip_length = datagram->header_length + datagram->data.length();
    return decode_ip_payload(walk, datagram->protocol, datagram->data);
}

/// RFC 4302 2: next header, length in units of 4 octets minus 2, the rest is of no interest.
Decoded decode_authentication(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ah);
    }
    base::Cursor cursor(region.bytes());
    const std::uint8_t next = cursor.u8();
    const std::size_t length = (cursor.u8() + std::size_t{2}) * 4;
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::ah, region);
    }
    return decode_ip_payload(walk, next, region.after(length));
}

bool is_extension(std::uint8_t protocol) noexcept {
    switch (protocol) {
        case hop_by_hop:
        case routing:
        case ipv6_fragment:
        case destination_options:
        case mobility:
        case host_identity:
        case shim6:
            return true;
        default:
            return false;
    }
}

/// RFC 8200 4.5. Offset zero without more fragments is a whole packet (RFC 6946).
Decoded decode_fragment_header(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t next = cursor.u8();
    cursor.skip(1);
    const std::uint16_t offset_and_flags = cursor.u16();
    const std::uint32_t id = cursor.u32();
    if (!cursor.ok()) {
        return too_short(Layer::ipv6, region);
    }
    const Region data = region.after(fragment_header);
    const std::uint32_t offset = offset_and_flags & 0xfff8U;
    const bool more = (offset_and_flags & 1U) != 0;
    if (offset == 0 && !more) {
        return decode_ip_payload(walk, next, data);
    }
    const Packet& packet = walk.packet;
    const Fragment fragment{.source = packet.source,
                            .destination = packet.destination,
                            .id = id,
                            .protocol = next,
                            .hop_limit = packet.hop_limit,
                            .header_length = packet.ip_length - data.length() - fragment_header,
                            .offset = offset,
                            .more = more,
                            .time = packet.time};
    return reassemble(walk, fragment, data);
}

/// A fragment (RFC 791 3.1) of a header whose other fields the packet has already. Inlined it would
/// make all packets pay for the room on the stack that a fragment takes.
[[gnu::noinline]] Decoded reassemble_v4(Walk& walk, std::size_t header,
                                        std::uint16_t flags_and_offset, Region data) noexcept {
    const Packet& packet = walk.packet;
    const Fragment fragment{.source = packet.source,
                            .destination = packet.destination,
                            .id = packet.ip_id,
                            .protocol = packet.protocol,
                            .hop_limit = packet.hop_limit,
                            .header_length = static_cast<std::uint32_t>(header),
                            .offset = (flags_and_offset & fragment_offset) * 8U,
                            .more = (flags_and_offset & more_fragments) != 0,
                            .time = packet.time};
    return reassemble(walk, fragment, data);
}

/// A source-routed IPv4 packet finally goes to the last address of its route (RFC 791 3.1, loose
/// and strict source routes), unless the route is used up. The peer answers from that address.
/// Inlined it makes packets without options, nearly all, wait for the address to be read back.
[[gnu::noinline]] void follow_route(Packet& packet, base::Bytes options) noexcept {
    base::Cursor cursor(options);
    while (!cursor.empty()) {
        const std::uint8_t type = cursor.u8();
        if (type == end_of_options) {
            return;
        }
        if (type == no_operation) {
            continue;
        }
        const std::uint8_t length = cursor.u8();
        if (length < 2) {
            return;
        }
        base::Cursor route(cursor.take(length - std::size_t{2}));
        const bool is_route = type == loose_source_route || type == strict_source_route;
        if (is_route && route.u8() <= length && route.remaining() >= 4) {
            packet.destination.assign(route.rest().last(4));
            return;
        }
    }
}

/// RFC 8200 4.3, 4.4, 4.6 and alike: next header, length in units of 8 octets without the first.
Decoded decode_extension(Walk& walk, std::uint8_t protocol, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ipv6);
    }
    if (protocol == ipv6_fragment) {
        return decode_fragment_header(walk, region);
    }
    base::Cursor cursor(region.bytes());
    const std::uint8_t next = cursor.u8();
    const std::size_t length = (cursor.u8() + std::size_t{1}) * 8;
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::ipv6, region);
    }
    return decode_ip_payload(walk, next, region.after(length));
}

/// The jumbo payload option (RFC 2675 2) in a hop-by-hop header, or zero.
std::uint32_t jumbo_length(base::Bytes options) noexcept {
    base::Cursor cursor(options);
    cursor.skip(1);  // next header
    const std::size_t length = (cursor.u8() + std::size_t{1}) * 8 - 2;
    base::Cursor fields(cursor.take(length));
    while (!fields.empty()) {
        const std::uint8_t type = fields.u8();
        if (type == pad1) {  // has no length
            continue;
        }
        base::Cursor value(fields.take_u8_prefixed());
        if (type == jumbo_payload && value.remaining() == 4) {
            return value.u32();
        }
    }
    return 0;
}

/// The octets after the IPv6 header. Segments that the sending host has not yet cut into pieces,
/// and jumbograms, have a length of zero.
std::uint32_t ipv6_payload_length(std::uint16_t field, std::uint8_t next, Region after) noexcept {
    if (field != 0) {
        return field;
    }
    if (next == hop_by_hop) {
        return std::min(jumbo_length(after.bytes()), after.length());
    }
    return next == ip_protocol::tcp || next == ip_protocol::udp ? after.length() : 0;
}

Decoded decode_opaque(Walk& walk, std::uint8_t protocol, Region region) noexcept {
    Packet& packet = walk.packet;
    packet.protocol = protocol;
    packet.transport = TransportKind::none;
    packet.source_port = 0;
    packet.destination_port = 0;
    packet.payload = region.bytes();
    packet.payload_length = region.length();
    return complete(packet.source.is_v4() ? Layer::ipv4 : Layer::ipv6);
}

/// The length of a packet as its header tells, zero if this is no IP header.
std::uint32_t announced_length(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t first = cursor.u32();
    const unsigned version = first >> 28U;
    if (version == 4) {
        const std::uint32_t header = ((first >> 24U) & 0x0fU) * 4;
        const std::uint32_t total = first & 0xffffU;
        return header >= smallest_ipv4_header && total >= header ? total : 0;
    }
    const std::uint32_t payload = cursor.u16();
    return version == 6 && cursor.ok() ? payload + std::uint32_t{ipv6_header} : 0;
}

Decoded decode_tunnelled_ip(Walk& walk, std::uint8_t protocol, Region region) noexcept {
    walk.enter_tunnel(0);
    return protocol == ipv4_in_ip ? decode_ipv4(walk, region) : decode_ipv6(walk, region);
}

/// What follows the 20 octets that every IPv4 header has: options, then a payload or a part of one.
Decoded decode_behind_v4(Walk& walk, Region whole, std::size_t header, std::uint8_t protocol,
                         std::uint16_t flags_and_offset) noexcept {
    if (header > smallest_ipv4_header) [[unlikely]] {
        follow_route(walk.packet, whole.bytes().first(header).subspan(smallest_ipv4_header));
    }
    const Region data = whole.after(header);
    return is_fragment(flags_and_offset) ? reassemble_v4(walk, header, flags_and_offset, data)
                                         : decode_ip_payload(walk, protocol, data);
}

}  // namespace

Decoded decode_ip_payload(Walk& walk, std::uint8_t protocol, Region region) noexcept {
    const bool v6 = walk.packet.source.is_v6();
    switch (protocol) {
        case ip_protocol::tcp:
            return decode_tcp(walk, region);
        case ip_protocol::udp:
            return decode_udp(walk, region);
        case ip_protocol::icmp:
            return v6 ? decode_opaque(walk, protocol, region) : decode_icmp(walk, region);
        case ip_protocol::icmpv6:
            return v6 ? decode_icmpv6(walk, region) : decode_opaque(walk, protocol, region);
        case ipv4_in_ip:
        case ipv6_in_ip:
            return decode_tunnelled_ip(walk, protocol, region);
        case gre:
            return decode_gre(walk, region);
        case authentication:
            return decode_authentication(walk, region);
        case mpls_in_ip:
            walk.enter_tunnel(0);
            return decode_mpls(walk, region);
        case ethernet_in_srv6:
            walk.enter_tunnel(0);
            return decode_ethernet(walk, region);
        case ethernet_in_ip: {
            if (region.captured() < 2) {
                return too_short(Layer::ethernet, region);
            }
            walk.enter_tunnel(0);
            return decode_ethernet(walk, region.after(2));  // RFC 3378 3: version and reserved bits
        }
        default:
            return v6 && is_extension(protocol) ? decode_extension(walk, protocol, region)
                                                : decode_opaque(walk, protocol, region);
    }
}

Decoded decode_ipv4(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ipv4);
    }
    if (!Ipv4Header::fit(region.bytes())) {
        return too_short(Layer::ipv4, region);
    }
    const Ipv4Header fields(region.bytes());
    const std::uint8_t version_and_length = fields.u8<0>();
    if (version_and_length >> 4U != 4) {
        return malformed(Layer::ipv4, base::ParseError::bad_version);
    }
    const std::size_t header = (version_and_length & 0x0fU) * std::size_t{4};
    const std::uint16_t total_length = fields.u16<2>();
    // Zero: the sending host left the field to the network card (segmentation offload).
    const std::uint32_t length = total_length != 0 ? total_length : region.length();
    if (header < smallest_ipv4_header || length < header) {
        return malformed(Layer::ipv4, base::ParseError::bad_length);
    }
    const Region whole = region.limited(length);
    if (header > whole.captured()) {
        return too_short(Layer::ipv4, whole);
    }
    note_ipv4(walk.packet, fields, whole);
    return decode_behind_v4(walk, whole, header, fields.u8<9>(), fields.u16<6>());
}

Decoded decode_ipv6(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ipv6);
    }
    using Header = base::Fields<ipv6_header>;
    if (!Header::fit(region.bytes())) {
        return too_short(Layer::ipv6, region);
    }
    const Header fields(region.bytes());
    if (fields.u8<0>() >> 4U != 6) {
        return malformed(Layer::ipv6, base::ParseError::bad_version);
    }
    const std::uint8_t next = fields.u8<6>();
    const Region after = region.after(ipv6_header);
    const std::uint32_t length = ipv6_payload_length(fields.u16<4>(), next, after);
    Packet& packet = walk.packet;
    packet.source.assign(fields.octets<8, 16>());
    packet.destination.assign(fields.octets<24, 16>());
    packet.protocol = next;
    packet.hop_limit = fields.u8<7>();
    packet.ip_id = 0;
    packet.ip_length = length + ipv6_header;
    packet.ip = region.limited(packet.ip_length).bytes();
    return decode_ip_payload(walk, next, after.limited(length));
}

Decoded decode_ip(Walk& walk, Region region) noexcept {
    if (region.bytes().empty()) {
        return too_short(Layer::ipv4, region);
    }
    switch (region.bytes()[0] >> 4U) {
        case 4:
            return decode_ipv4(walk, region);
        case 6:
            return decode_ipv6(walk, region);
        default:
            return malformed(Layer::ipv4, base::ParseError::bad_version);
    }
}

bool probe_ip(Region region) noexcept {
    const std::uint32_t length = announced_length(region);
    return length != 0 && length <= region.length();
}

bool probe_whole_ip(Region region) noexcept {
    return region.length() != 0 && announced_length(region) == region.length();
}

}  // namespace turnpike::wire
