// Finds the TLS handshake in the packets of OpenVPN's control channel.
#include "turnpike/proto/openvpn.h"

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;

namespace {

// The first octet: opcode above, key id in the lower three bits.
constexpr unsigned key_id_bits = 3;
constexpr unsigned control = 4;
constexpr unsigned acknowledgement = 5;
constexpr unsigned hard_reset_client = 7;
constexpr unsigned hard_reset_server = 8;

constexpr std::size_t session_id_size = 8;
constexpr std::size_t message_number_size = 4;
constexpr std::size_t replay_number_and_time = 8;
// A client's reset: the first octet, its session, no acknowledgement, message number 0.
constexpr std::size_t bare_reset = 1 + session_id_size + 1 + message_number_size;
constexpr std::size_t smallest_hmac = 16;  // MD5
constexpr std::size_t largest_hmac = 64;   // SHA-512

unsigned opcode(Bytes packet) noexcept {
    return packet.empty() ? 0 : packet[0] >> key_id_bits;
}

}  // namespace

std::optional<std::size_t> openvpn_authentication(Bytes reset) noexcept {
    if (opcode(reset) != hard_reset_client || reset.size() < bare_reset) {
        return std::nullopt;
    }
    const std::size_t size = reset.size() - bare_reset;
    const bool hmac = size >= smallest_hmac + replay_number_and_time &&
                      size <= largest_hmac + replay_number_and_time;
    if (size != 0 && !hmac) {
        return std::nullopt;
    }
    Cursor tail(reset.last(1 + message_number_size));
    const bool in_clear = tail.u8() == 0 && tail.u32() == 0;
    return in_clear ? std::optional(size) : std::nullopt;
}

base::Result<Bytes> openvpn_tls(Bytes packet, std::size_t authentication) noexcept {
    const unsigned kind = opcode(packet);
    if (kind == acknowledgement || kind == hard_reset_client || kind == hard_reset_server) {
        return Bytes{};
    }
    if (kind != control) {
        return std::unexpected(base::ParseError::not_this);
    }
    Cursor cursor(packet);
    cursor.skip(1 + session_id_size + authentication);
    if (const std::size_t acknowledged = cursor.u8(); acknowledged != 0) {
        cursor.skip(acknowledged * message_number_size + session_id_size);
    }
    cursor.skip(message_number_size);
    if (!cursor.ok()) {
        return std::unexpected(base::ParseError::truncated);
    }
    return cursor.rest();
}

}  // namespace turnpike::proto
