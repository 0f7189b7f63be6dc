// TCP (RFC 9293 3.1) with its timestamp option (RFC 7323 3.2), and UDP (RFC 768).
#include "wire/tunnel_udp.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

constexpr std::size_t smallest_tcp_header = 20;
constexpr std::size_t udp_header = 8;

// TCP option kinds (RFC 9293 3.2).
constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t timestamps = 8;
constexpr std::size_t timestamps_value_length = 8;  // RFC 7323 3.2: ten octets with kind and length

/// Looks for the timestamp; options may be cut or wrong, which spoils nothing else.
void read_options(base::Bytes options, TcpHeader& tcp) noexcept {
    base::Cursor cursor(options);
    while (!cursor.empty()) {
        const std::uint8_t kind = cursor.u8();
        if (kind == end_of_options) {
            return;
        }
        if (kind == no_operation) {
            continue;
        }
        const std::uint8_t length = cursor.u8();
        if (length < 2) {
            return;
        }
        base::Cursor value(cursor.take(length - std::size_t{2}));
        if (kind == timestamps && value.remaining() == timestamps_value_length) {
            tcp.has_timestamp = true;
            tcp.timestamp_value = value.u32();
            return;
        }
    }
}

/// What the UDP length field (RFC 768) leaves of the IP payload. Zero, or more than there is,
/// happens with segmentation offload and jumbograms (RFC 2675 4): the IP length then counts.
Region udp_payload(std::uint16_t length, Region region) noexcept {
    const bool trimmed = length >= udp_header && length < region.length();
    return (trimmed ? region.limited(length) : region).after(udp_header);
}

/// A length in the header is impossible: the ports still tell which flow it belongs to.
Decoded without_payload(Packet& packet, Layer layer) noexcept {
    packet.payload = {};
    packet.payload_length = 0;
    return damaged(layer, base::ParseError::bad_length);
}

}  // namespace

Decoded decode_tcp(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    Packet& packet = walk.packet;
    const std::uint16_t source_port = cursor.u16();
    const std::uint16_t destination_port = cursor.u16();
    const std::uint32_t sequence = cursor.u32();
    const std::uint32_t acknowledgement = cursor.u32();
    const std::size_t header = (cursor.u8() >> 4U) * std::size_t{4};
    const std::uint8_t flags = cursor.u8();
    const std::uint16_t window = cursor.u16();
    const std::uint16_t checksum = cursor.u16();
    cursor.skip(2);  // urgent pointer
    if (!cursor.ok()) {
        return too_short(Layer::tcp, region);
    }
    // Field by field where they belong: a header made elsewhere and copied is read back in wider
    // steps than it was written, for which the processor has to wait.
    TcpHeader& tcp = packet.tcp;
    tcp.sequence = sequence;
    tcp.acknowledgement = acknowledgement;
    tcp.flags = flags;
    tcp.window = window;
    tcp.checksum = checksum;
    tcp.has_timestamp = false;
    tcp.timestamp_value = 0;
    packet.protocol = ip_protocol::tcp;
    packet.transport = TransportKind::tcp;
    packet.source_port = source_port;
    packet.destination_port = destination_port;
    if (header < smallest_tcp_header || header > region.length()) {
        return without_payload(packet, Layer::tcp);
    }
    // A snap length may end within the options: everything else of interest is there.
    const std::size_t captured_header = std::min(header, region.captured());
    if (header > smallest_tcp_header) {
        read_options(region.bytes().first(captured_header).subspan(smallest_tcp_header), tcp);
    }
    packet.payload = region.bytes().subspan(captured_header);
    packet.payload_length = region.length() - static_cast<std::uint32_t>(header);
    return complete(Layer::tcp);
}

Decoded decode_udp(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t source_port = cursor.u16();
    const std::uint16_t destination_port = cursor.u16();
    const std::uint16_t length = cursor.u16();
    const std::uint16_t checksum = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::udp, region);
    }
    Packet& packet = walk.packet;
    packet.protocol = ip_protocol::udp;
    packet.transport = TransportKind::udp;
    packet.source_port = source_port;
    packet.destination_port = destination_port;
    packet.udp_checksum = checksum;
    if (length != 0 && length < udp_header) {
        return without_payload(packet, Layer::udp);
    }
    const Region payload = udp_payload(length, region);
    packet.payload = payload.bytes();
    packet.payload_length = payload.length();
    if (is_tunnel_port(source_port) || is_tunnel_port(destination_port)) {
        return decode_udp_tunnel(walk, payload);
    }
    return complete(Layer::udp);
}

}  // namespace turnpike::wire
