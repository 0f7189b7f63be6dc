// The headers of TCP (RFC 9293 3.1) and UDP (RFC 768), for whoever stands in front of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "turnpike/base/fields.h"
#include "wire/walk.h"

namespace turnpike::wire {

/// Looks for the timestamp (RFC 7323 3.2) and the selective acknowledgement (RFC 2018 3) among the
/// options of TCP, wherever they stand. Options may be cut or wrong, which spoils nothing else.
void find_options(base::Bytes options, TcpHeader& tcp) noexcept;

/// Options of TCP, of which only those are of interest.
inline void read_options(base::Bytes options, TcpHeader& tcp) noexcept {
    // No-operation twice, the timestamps' kind and length: how they stand in nearly every segment
    // (RFC 7323, appendix A).
    constexpr std::uint32_t usual_options = 0x0101080a;
    using Usual = base::Fields<12>;
    if (Usual::fit(options) && Usual(options).u32<0>() == usual_options) {
        tcp.has_timestamp = true;
        tcp.timestamp_value = Usual(options).u32<4>();
        constexpr std::size_t usual_length = 12;
        if (options.size() == usual_length) {
            return;
        }
        options = options.subspan(usual_length);
    }
    find_options(options, tcp);
}

/// A length in the header is impossible: the ports still tell which flow it belongs to.
inline Decoded without_payload(Packet& packet, Layer layer) noexcept {
    packet.payload = {};
    packet.payload_length = 0;
    return damaged(layer, base::ParseError::bad_length);
}

/// A segment, from its header on.
inline Decoded read_tcp(Packet& packet, Region region) noexcept {
    constexpr std::size_t smallest_header = 20;
    using Header = base::Fields<smallest_header>;
    if (!Header::fit(region.bytes())) {
        return too_short(Layer::tcp, region);
    }
    const Header fields(region.bytes());
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
    tcp.sack_begin = 0;
    tcp.sack_end = 0;
    const std::size_t header = (fields.u8<12>() >> 4U) * std::size_t{4};
    if (header < smallest_header || header > region.length()) {
        return without_payload(packet, Layer::tcp);
    }
    // A snap length may end within the options: everything else of interest is there.
    const std::size_t captured_header = std::min(header, region.captured());
    if (header > smallest_header) {
        read_options(region.bytes().first(captured_header).subspan(smallest_header), tcp);
    }
    packet.payload = region.bytes().subspan(captured_header);
    packet.payload_length = region.length() - static_cast<std::uint32_t>(header);
    return complete(Layer::tcp);
}

/// A datagram, from its header on. Whether a tunnel is inside is not looked at.
inline Decoded read_udp(Packet& packet, Region region) noexcept {
    constexpr std::size_t header = 8;
    using Header = base::Fields<header>;
    if (!Header::fit(region.bytes())) {
        return too_short(Layer::udp, region);
    }
    const Header fields(region.bytes());
    const std::uint16_t length = fields.u16<4>();
    packet.protocol = ip_protocol::udp;
    packet.transport = TransportKind::udp;
    packet.source_port = fields.u16<0>();
    packet.destination_port = fields.u16<2>();
    packet.udp_checksum = fields.u16<6>();
    if (length != 0 && length < header) {
        return without_payload(packet, Layer::udp);
    }
    // Zero, or more than there is, happens with segmentation offload and jumbograms (RFC 2675 4):
    // the length of IP then counts.
    const bool trimmed = length != 0 && length < region.length();
    const Region payload = (trimmed ? region.limited(length) : region).after(header);
    packet.payload = payload.bytes();
    packet.payload_length = payload.length();
    return complete(Layer::udp);
}

}  // namespace turnpike::wire
