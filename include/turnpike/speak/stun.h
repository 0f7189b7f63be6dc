// STUN and TURN messages: RFC 8489, RFC 8656, RFC 8445 7.1 (connectivity checks).
#pragma once

#include <array>
#include <cstdint>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// The transaction id behind the magic cookie (RFC 8489 5).
using TransactionId = std::array<std::uint8_t, 12>;

/// A Binding request as a client sends it to a STUN server.
Octets stun_binding(const TransactionId& id);
/// The same as an ICE connectivity check: user fragments, priority, role, integrity, fingerprint.
Octets ice_check(const TransactionId& id);
/// The first Allocate of a client (RFC 8656 7.1), without credentials.
Octets turn_allocate(const TransactionId& id);

/// A Binding success response that tells the sender's address.
Octets stun_success(const TransactionId& id, const base::Endpoint& mapped);
/// The answer of a TURN server to an Allocate without credentials: 401 with realm and nonce.
Octets turn_challenge(const TransactionId& id);

/// What one looks at in a message that came in.
struct StunSeen {
    bool is_stun = false;  ///< has the magic cookie and a length that fits
    std::uint16_t type = 0;
    TransactionId id{};
    std::size_t octets = 0;  ///< of the whole message
};
/// The header at the front of `bytes`; `is_stun` is false if it is none or the message is not all
/// there.
StunSeen read_stun(base::Bytes bytes);

/// Message type of a Binding request (RFC 8489 18.2).
inline constexpr std::uint16_t binding_request = 0x0001;
/// Message type of an Allocate request (RFC 8656 17).
inline constexpr std::uint16_t allocate_request = 0x0003;

}  // namespace turnpike::speak
