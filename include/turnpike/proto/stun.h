// STUN and TURN messages: RFC 8489 (and 5389), RFC 3489 "classic" STUN without the magic cookie,
// TURN (RFC 8656, 6062), NAT behavior discovery (RFC 5780), ICE attributes (RFC 8445 16.1), and
// Microsoft's older TURN and ICE ([MS-TURN], [MS-ICE2]).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// RFC 8489 5: the two class bits of the message type.
enum class StunClass : std::uint8_t {
    request = 0,     ///< wants a response
    indication = 1,  ///< wants none
    success = 2,     ///< a response
    error = 3,       ///< a response that refuses
};

/// IANA "STUN Methods"; other values survive.
enum class StunMethod : std::uint16_t {
    binding = 0x001,             ///< RFC 8489 3
    shared_secret = 0x002,       ///< RFC 3489 only
    allocate = 0x003,            ///< RFC 8656 7
    refresh = 0x004,             ///< RFC 8656 8
    send = 0x006,                ///< RFC 8656 11
    data = 0x007,                ///< RFC 8656 11
    create_permission = 0x008,   ///< RFC 8656 10
    channel_bind = 0x009,        ///< RFC 8656 12
    connect = 0x00a,             ///< RFC 6062
    connection_bind = 0x00b,     ///< RFC 6062
    connection_attempt = 0x00c,  ///< RFC 6062
    goog_ping = 0x080,           ///< a short Binding of Google's clients
};

/// The 16 octets after the length: magic cookie and transaction id (RFC 8489 5), or the whole
/// transaction id of RFC 3489 11.1. Request and response carry the same, so it is the key to match
/// them.
using StunTransactionId = std::array<std::uint8_t, 16>;

/// Most peer addresses that are kept of a message; later ones are left out.
inline constexpr std::size_t stun_max_peers = 8;

/// A decoded message. All views point into the octets it was decoded from.
struct StunMessage {
    base::Bytes bytes;       ///< header and attributes, without what follows in the segment
    std::uint16_t type = 0;  ///< as on the wire
    StunMethod method = StunMethod::binding;
    StunClass klass = StunClass::request;
    bool classic = false;  ///< no magic cookie (RFC 3489)
    bool ms_turn = false;  ///< carries the cookie attribute of [MS-TURN] 2.2.2.1
    StunTransactionId transaction_id{};

    base::Endpoint mapped;   ///< XOR-MAPPED-ADDRESS (0x0020 or 0x8020), else MAPPED-ADDRESS
    base::Endpoint relayed;  ///< XOR-RELAYED-ADDRESS; [MS-TURN] Allocate: MAPPED-ADDRESS
    std::array<base::Endpoint, stun_max_peers> peer_list{};
    std::uint8_t peer_count =
        0;  ///< XOR-PEER-ADDRESS may occur several times (RFC 8656 9.1); the first few

    std::uint16_t error_code = 0;  ///< 300 to 699; 0 without (RFC 8489 14.8)
    std::string_view error_reason;
    std::string_view realm;
    std::string_view software;
    std::string_view username;
    std::uint16_t nonce_length = 0;  ///< octets; 0 without (RFC 8489 14.10)
    base::Bytes data;  ///< DATA of Send and Data: a datagram of its own (RFC 8656 18.4)
    bool has_data = false;
    bool ice =
        false;  ///< PRIORITY, ICE-CONTROLLING, ICE-CONTROLLED or USE-CANDIDATE (RFC 8445 16.1)
    bool cut = false;  ///< only its first attributes are there (decode_stun_prefix)
    /// Set if the attributes contradict the message length; those before it are decoded.
    std::optional<base::ParseError> attribute_error;

    /// The peer addresses that are there; lives as long as this message.
    [[nodiscard]] std::span<const base::Endpoint> peers() const noexcept {
        return std::span{peer_list}.first(peer_count);
    }
    /// One of TURN's methods (RFC 8656, 6062).
    [[nodiscard]] bool is_turn() const noexcept;
    /// How far to move on in a segment that holds several messages.
    [[nodiscard]] std::size_t consumed() const noexcept { return bytes.size(); }
};

/// Decodes the message at the front of `bytes`; more may follow (StunMessage::consumed). Without
/// the cookie it is decoded as RFC 3489: call probe_stun first, for any octets look like that.
/// Errors: truncated (less than header + length), not_this (top bits), bad_length (a length that is
/// no multiple of four in a message with the cookie, unless its attributes are unpadded).
base::Result<StunMessage> decode_stun(base::Bytes bytes) noexcept;

/// The same of a datagram that the snap length may have cut: of a message with the magic cookie
/// those attributes are decoded that are whole. Errors: as above; truncated without the cookie.
base::Result<StunMessage> decode_stun_prefix(base::Bytes bytes) noexcept;

/// `yes`: magic cookie and a type with clear top bits, length in step; or classic with attributes
/// that all fit and are known. `maybe`: a classic message without attributes, or cookie but the
/// message is longer than the octets (TCP, or cut).
Likelihood probe_stun(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
