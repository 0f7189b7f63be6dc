// ICMP (RFC 792) and ICMPv6 (RFC 4443 2.1), with the packet that an error quotes. How much is
// quoted (RFC 4884, RFC 1812 4.3.2.3) does not matter: the addresses and ports stand at its front.
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

constexpr std::size_t icmp_header = 8;  // type, code, checksum, and four octets by type

// RFC 792 and RFC 4443: the errors, which quote the packet that caused them.
constexpr std::uint8_t destination_unreachable = 3;
constexpr std::uint8_t source_quench = 4;
constexpr std::uint8_t redirect = 5;
constexpr std::uint8_t time_exceeded = 11;
constexpr std::uint8_t parameter_problem = 12;
constexpr std::uint8_t fragmentation_needed = 4;  // a code of 3, RFC 1191 4
constexpr std::uint8_t v6_packet_too_big = 2;
constexpr std::uint8_t v6_first_information = 128;  // RFC 4443 2.1: below are errors

bool is_error(std::uint8_t type) noexcept {
    switch (type) {
        case destination_unreachable:
        case source_quench:
        case redirect:
        case time_exceeded:
        case parameter_problem:
            return true;
        default:
            return false;
    }
}

void read_ports(base::Cursor& cursor, QuotedPacket& quoted) noexcept {
    if (quoted.protocol != ip_protocol::tcp && quoted.protocol != ip_protocol::udp) {
        return;
    }
    const std::uint16_t source = cursor.u16();
    const std::uint16_t destination = cursor.u16();
    if (cursor.ok()) {
        quoted.source.port = source;
        quoted.destination.port = destination;
    }
}

QuotedPacket read_quoted_ipv4(base::Bytes bytes) noexcept {
    base::Cursor cursor(bytes);
    const std::uint8_t version_and_length = cursor.u8();
    cursor.skip(5);  // service, length, identification
    const bool first_fragment = (cursor.u16() & 0x1fffU) == 0;
    cursor.skip(1);
    const std::uint8_t protocol = cursor.u8();
    cursor.skip(2);
    const base::Bytes source = cursor.take(4);
    const base::Bytes destination = cursor.take(4);
    const std::size_t header = (version_and_length & 0x0fU) * std::size_t{4};
    if (!cursor.ok() || version_and_length >> 4U != 4 || header < cursor.position()) {
        return {};
    }
    QuotedPacket quoted{.source = {base::IpAddress::from_octets(source), 0},
                        .destination = {base::IpAddress::from_octets(destination), 0},
                        .protocol = protocol};
    cursor.skip(header - cursor.position());
    if (first_fragment) {
        read_ports(cursor, quoted);
    }
    return quoted;
}

/// Steps over the extension headers of a quoted packet (RFC 8200 4). False if what follows is not
/// the start of the transport header.
bool skip_extensions(base::Cursor& cursor, std::uint8_t& protocol) noexcept {
    constexpr unsigned most_headers = 8;
    for (unsigned i = 0; i < most_headers; ++i) {
        switch (protocol) {
            case 0:      // hop-by-hop options
            case 43:     // routing
            case 60:     // destination options
            case 135: {  // mobility
                protocol = cursor.u8();
                const std::size_t length = (cursor.u8() + std::size_t{1}) * 8;
                cursor.skip(length - 2);
                break;
            }
            case 44: {  // fragment
                protocol = cursor.u8();
                cursor.skip(1);
                const bool first_fragment = (cursor.u16() & 0xfff8U) == 0;
                cursor.skip(4);
                if (!first_fragment) {
                    return false;
                }
                break;
            }
            case 51: {  // authentication, RFC 4302 2.2
                protocol = cursor.u8();
                const std::size_t length = (cursor.u8() + std::size_t{2}) * 4;
                cursor.skip(length - 2);
                break;
            }
            default:
                return cursor.ok();
        }
    }
    return false;
}

QuotedPacket read_quoted_ipv6(base::Bytes bytes) noexcept {
    base::Cursor cursor(bytes);
    const std::uint32_t first = cursor.u32();
    cursor.skip(2);  // payload length
    std::uint8_t protocol = cursor.u8();
    cursor.skip(1);
    const base::Bytes source = cursor.take(16);
    const base::Bytes destination = cursor.take(16);
    if (!cursor.ok() || first >> 28U != 6) {
        return {};
    }
    const bool at_transport = skip_extensions(cursor, protocol);
    QuotedPacket quoted{.source = {base::IpAddress::from_octets(source), 0},
                        .destination = {base::IpAddress::from_octets(destination), 0},
                        .protocol = protocol};
    if (at_transport) {
        read_ports(cursor, quoted);
    }
    return quoted;
}

/// The parts that both versions share: type, code, checksum (RFC 792, RFC 4443 2.1).
Decoded begin_icmp(Walk& walk, std::uint8_t version, Region region) noexcept {
    const Layer layer = version == 4 ? Layer::icmp : Layer::icmpv6;
    base::Cursor cursor(region.bytes());
    IcmpHeader icmp;
    icmp.version = version;
    icmp.type = cursor.u8();
    icmp.code = cursor.u8();
    cursor.skip(2);
    if (!cursor.ok()) {
        return too_short(layer, region);
    }
    Packet& packet = walk.packet;
    packet.protocol = version == 4 ? ip_protocol::icmp : ip_protocol::icmpv6;
    packet.transport = TransportKind::icmp;
    packet.source_port = 0;
    packet.destination_port = 0;
    packet.icmp = icmp;
    const Region data = region.after(std::min(icmp_header, region.captured()));
    packet.payload = data.bytes();
    packet.payload_length = data.length();
    return complete(layer);
}

/// The four octets after the checksum, zero if they were cut.
std::uint32_t rest_of_header(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(4);
    return cursor.u32();
}

}  // namespace

Decoded decode_icmp(Walk& walk, Region region) noexcept {
    const Decoded begun = begin_icmp(walk, 4, region);
    IcmpHeader& icmp = walk.packet.icmp;
    if (!begun || !is_error(icmp.type)) {
        return begun;
    }
    icmp.quoted = read_quoted_ipv4(walk.packet.payload);
    if (icmp.type == destination_unreachable && icmp.code == fragmentation_needed) {
        icmp.mtu = rest_of_header(region) & 0xffffU;  // RFC 1191 4: the low 16 bits
    }
    return begun;
}

Decoded decode_icmpv6(Walk& walk, Region region) noexcept {
    const Decoded begun = begin_icmp(walk, 6, region);
    IcmpHeader& icmp = walk.packet.icmp;
    if (!begun || icmp.type >= v6_first_information) {
        return begun;
    }
    icmp.quoted = read_quoted_ipv6(walk.packet.payload);
    if (icmp.type == v6_packet_too_big) {
        icmp.mtu = rest_of_header(region);  // RFC 4443 3.2
    }
    return begun;
}

}  // namespace turnpike::wire
