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
// No-operation twice, the timestamps' kind and length: how they stand in nearly every segment
// (RFC 7323, appendix A).
constexpr std::uint32_t usual_options = 0x0101080a;

/// Looks for the timestamp; options may be cut or wrong, which spoils nothing else.
void read_options(base::Bytes options, TcpHeader& tcp) noexcept {
    using Usual = base::Fields<12>;
    if (Usual::fit(options) && Usual(options).u32<0>() == usual_options) {
        tcp.has_timestamp = true;
        tcp.timestamp_value = Usual(options).u32<4>();
        return;
    }
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
    using Header = base::Fields<smallest_tcp_header>;
    if (!Header::fit(region.bytes())) {
        return too_short(Layer::tcp, region);
    }
    const Header fields(region.bytes());
    Packet& packet = walk.packet;
    packet.protocol = ip_protocol::tcp;
    packet.transport = TransportKind::tcp;
    packet.source_port = fields.u16<0>();
    packet.destination_port = fields.u16<2>();
    // Field by field where they belong: a header made elsewhere and copied is read back in wider
    // steps than it was written, for which the processor has to wait.
    TcpHeader& tcp = packet.tcp;
    tcp.sequence = fields.u32<4>();
    tcp.acknowledgement = fields.u32<8>();
    tcp.flags = fields.u8<13>();
    tcp.window = fields.u16<14>();
    tcp.checksum = fields.u16<16>();
    tcp.has_timestamp = false;
    tcp.timestamp_value = 0;
    const std::size_t header = (fields.u8<12>() >> 4U) * std::size_t{4};
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
    using Header = base::Fields<udp_header>;
    if (!Header::fit(region.bytes())) {
        return too_short(Layer::udp, region);
    }
    const Header fields(region.bytes());
    const std::uint16_t source_port = fields.u16<0>();
    const std::uint16_t destination_port = fields.u16<2>();
    const std::uint16_t length = fields.u16<4>();
    Packet& packet = walk.packet;
    packet.protocol = ip_protocol::udp;
    packet.transport = TransportKind::udp;
    packet.source_port = source_port;
    packet.destination_port = destination_port;
    packet.udp_checksum = fields.u16<6>();
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
