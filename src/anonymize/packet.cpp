// Packets written anew, with no more than what explains a verdict.
#include <algorithm>

#include "turnpike/anonymize/anonymizer.h"

namespace turnpike::anonymize {
namespace {

using Octets = std::vector<std::uint8_t>;

void put8(Octets& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value));
}
void put16(Octets& out, unsigned value) {
    put8(out, value >> 8U);
    put8(out, value);
}
void put32(Octets& out, std::uint32_t value) {
    put16(out, value >> 16U);
    put16(out, value);
}
void put(Octets& out, base::Bytes octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

/// An Ethernet header with locally administered addresses, the same for all (IEEE 802 8.2).
Octets ethernet(std::uint16_t type) {
    return {2,
            0,
            0,
            0,
            0,
            1,
            2,
            0,
            0,
            0,
            0,
            2,
            static_cast<std::uint8_t>(type >> 8U),
            static_cast<std::uint8_t>(type)};
}

constexpr std::size_t ethernet_header = 14;
constexpr std::size_t udp_header = 8;
constexpr std::size_t tcp_header = 20;
constexpr std::size_t icmp_header = 8;
constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
/// IEEE 802 local experimental: a frame of which nothing is told.
constexpr std::uint16_t ethertype_other = 0x88b5;

unsigned checksum(base::Bytes header) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < header.size(); i += 2) {
        sum += static_cast<std::uint32_t>(header[i]) << 8U | header[i + 1];
    }
    while (sum > 0xffffU) {
        sum = (sum & 0xffffU) + (sum >> 16U);
    }
    return ~sum & 0xffffU;
}

/// An IP header without options; `length` is that of what follows it on the wire.
void put_ip(Octets& out, const base::IpAddress& source, const base::IpAddress& destination,
            std::uint8_t protocol, std::uint8_t hop_limit, std::uint16_t id, std::size_t length) {
    if (source.is_v6()) {
        put32(out, 0x60000000U);
        put16(out, static_cast<unsigned>(length));
        put8(out, protocol);
        put8(out, hop_limit);
        put(out, source.octets());
        put(out, destination.octets());
        return;
    }
    Octets header;
    put16(header, 0x4500U);
    put16(header, static_cast<unsigned>(length + 20));
    put16(header, id);
    put16(header, 0);
    put8(header, hop_limit);
    put8(header, protocol);
    put16(header, 0);
    put(header, source.octets());
    put(header, destination.octets());
    const auto sum = checksum(header);
    header[10] = static_cast<std::uint8_t>(sum >> 8U);
    header[11] = static_cast<std::uint8_t>(sum);
    put(out, header);
}

void put_tcp(Octets& out, const wire::Packet& packet) {
    put16(out, packet.source_port);
    put16(out, packet.destination_port);
    put32(out, packet.tcp.sequence);
    put32(out, packet.tcp.acknowledgement);
    put8(out, 0x50);  // five words of header
    put8(out, packet.tcp.flags);
    put16(out, packet.tcp.window);
    put16(out, 0);  // a checksum over the addresses would tell about them
    put16(out, 0);
}

void put_udp(Octets& out, const wire::Packet& packet) {
    put16(out, packet.source_port);
    put16(out, packet.destination_port);
    put16(out, packet.payload_length + static_cast<unsigned>(udp_header));
    put16(out, 0);  // none (RFC 768)
}

base::Bytes head(base::Bytes payload, std::size_t octets) noexcept {
    return payload.first(std::min(payload.size(), octets));
}

/// How much of a payload says what it is and nothing about whom (RFC 7983 tells datagrams apart).
std::size_t telling_octets(const wire::Packet& packet) noexcept {
    const auto payload = packet.payload;
    if (payload.size() < 12) {
        return 0;
    }
    const auto first = payload[0];
    if (packet.transport == wire::TransportKind::tcp) {
        // A TLS record with the type of its message (RFC 8446 5.1).
        return first >= 20 && first <= 23 && payload[1] == 3 ? 6 : 0;
    }
    const bool cookie = payload.size() >= 20 && payload[4] == 0x21 && payload[5] == 0x12 &&
                        payload[6] == 0xa4 && payload[7] == 0x42;
    if (first <= 3 && cookie) {
        return 20;  // RFC 8489 5: type, length, cookie, transaction
    }
    if (first >= 20 && first <= 63) {
        // A DTLS record with the type of its message; in DTLS 1.3 the first octet (RFC 9147 4).
        return payload[1] == 0xfe ? 14 : 1;
    }
    if (first >= 64 && first <= 79) {
        return 4;  // ChannelData
    }
    if (first >= 128 && first <= 191) {
        return 12;  // RTP
    }
    return first >= 192 ? 5 : 0;  // a long header of QUIC with its version
}

/// A protocol that begins otherwise than it seems may carry its sender in its first octets.
bool names_an_end(base::Bytes kept, const wire::Packet& packet) {
    const auto holds = [kept](const base::IpAddress& address) {
        return !std::ranges::search(kept, address.octets()).empty();
    };
    return holds(packet.source) || holds(packet.destination);
}

}  // namespace

std::vector<std::uint8_t> Anonymizer::dns_question(base::Bytes message) {
    constexpr std::size_t header = 12;  // RFC 1035 4.1.1
    if (message.size() < header + 5) {
        return {};
    }
    std::string name;
    auto at = header;
    while (at < message.size() && message[at] != 0) {
        const std::size_t length = message[at];
        if (length > 63 || at + 1 + length >= message.size()) {
            return {};
        }
        for (std::size_t i = 1; i <= length; ++i) {
            if (message[at + i] == '.') {
                return {};  // would be read as the end of a label
            }
        }
        name += name.empty() ? "" : ".";
        name += std::string(base::as_text(message.subspan(at + 1, length)));
        at += 1 + length;
    }
    if (at + 5 > message.size()) {
        return {};
    }
    const auto anonymous = this->name(name);
    Octets out;
    put(out, message.first(header));
    for (std::size_t from = 0; from < anonymous.size();) {
        const auto end = std::min(anonymous.find('.', from), anonymous.size());
        put8(out, static_cast<unsigned>(end - from));
        put(out, base::as_bytes(std::string_view(anonymous).substr(from, end - from)));
        from = end + 1;
    }
    put(out, message.subspan(at, 5));  // the root, type and class
    return out;
}

std::vector<std::uint8_t> Anonymizer::kept_payload(const wire::Packet& packet) {
    const bool datagram = packet.transport == wire::TransportKind::udp;
    if (datagram && (packet.source_port == 53 || packet.destination_port == 53)) {
        return dns_question(packet.payload);
    }
    const auto kept = head(packet.payload, telling_octets(packet));
    if (names_an_end(kept, packet)) {
        return {};
    }
    return {kept.begin(), kept.end()};
}

AnonymousFrame Anonymizer::packet(const wire::Packet& packet) {
    AnonymousFrame frame;
    const bool v6 = packet.source.is_v6();
    auto& out = frame.octets = ethernet(v6 ? ethertype_ipv6 : ethertype_ipv4);
    const std::size_t transport_header = packet.transport == wire::TransportKind::tcp   ? tcp_header
                                         : packet.transport == wire::TransportKind::udp ? udp_header
                                         : packet.transport == wire::TransportKind::icmp
                                             ? icmp_header
                                             : 0;
    Octets rest;
    std::size_t payload = packet.payload_length;
    if (packet.transport == wire::TransportKind::tcp) {
        put_tcp(rest, packet);
    } else if (packet.transport == wire::TransportKind::udp) {
        put_udp(rest, packet);
    } else if (packet.transport == wire::TransportKind::icmp) {
        put8(rest, packet.icmp.type);
        put8(rest, packet.icmp.code);
        put16(rest, 0);
        put32(rest, packet.icmp.mtu);
        if (const auto& quoted = packet.icmp.quoted) {
            put_ip(rest, address(quoted.source.address), address(quoted.destination.address),
                   quoted.protocol, 1, 0, udp_header);
            put16(rest, quoted.source.port);
            put16(rest, quoted.destination.port);
            put32(rest, 0);
        }
        payload = rest.size() - icmp_header;
    }
    if (packet.transport == wire::TransportKind::tcp ||
        packet.transport == wire::TransportKind::udp) {
        put(rest, kept_payload(packet));
    }
    const auto before = out.size();
    put_ip(out, address(packet.source), address(packet.destination), packet.protocol,
           packet.hop_limit, packet.ip_id, transport_header + payload);
    const auto ip_header = out.size() - before;
    put(out, rest);
    frame.wire_length = static_cast<std::uint32_t>(
        std::max(out.size(), ethernet_header + ip_header + transport_header + payload));
    return frame;
}

AnonymousFrame Anonymizer::other(std::uint32_t wire_length) {
    AnonymousFrame frame;
    frame.octets = ethernet(ethertype_other);
    frame.wire_length = std::max(wire_length, static_cast<std::uint32_t>(ethernet_header));
    return frame;
}

}  // namespace turnpike::anonymize
