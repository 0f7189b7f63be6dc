// TCP (RFC 9293 3.1) with two of its options (RFC 7323 3.2, RFC 2018 3), and UDP (RFC 768).
#include "wire/transport.h"

#include "wire/tunnel_udp.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

// TCP option kinds (RFC 9293 3.2).
constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t selective_acknowledgement = 5;
constexpr std::uint8_t timestamps = 8;
constexpr std::size_t timestamps_value_length = 8;  // RFC 7323 3.2: ten octets with kind and length
constexpr std::size_t block_length = 8;             // RFC 2018 3

}  // namespace

void find_options(base::Bytes options, TcpHeader& tcp) noexcept {
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
            if (tcp.has(tcp_flag::syn)) {
                return;  // nothing has arrived that could be acknowledged
            }
        } else if (kind == selective_acknowledgement && value.remaining() >= block_length) {
            tcp.sack_begin = value.u32();
            tcp.sack_end = value.u32();
        }
    }
}

Decoded decode_tcp(Walk& walk, Region region) noexcept {
    return read_tcp(walk.packet, region);
}

Decoded decode_udp(Walk& walk, Region region) noexcept {
    Packet& packet = walk.packet;
    const Decoded read = read_udp(packet, region);
    if (read.whole() && is_tunnel(packet)) {
        return decode_udp_tunnel(walk, {packet.payload, packet.payload_length});
    }
    return read;
}

}  // namespace turnpike::wire
