// A TURN client with long-term credentials: RFC 8656, RFC 8489 9.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/speak/stun.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// What proves the user to a server that asked for it.
struct TurnLogin {
    std::string username;
    std::string realm;
    std::string nonce;
    Octets key;  ///< RFC 8489 9.2.2
};

/// The answer to a challenge (401, or 438 with a new nonce); nothing to any other message.
std::optional<TurnLogin> turn_login(base::Bytes challenge, const std::string& username,
                                    const std::string& password);

/// An Allocate with credentials (RFC 8656 7.1) for a UDP relay; `v6`: with an IPv6 address (RFC
/// 8656 18.6).
Octets turn_allocate(const TransactionId& id, const TurnLogin& login, bool v6);
/// A CreatePermission for the address of `peer` (RFC 8656 10.1).
Octets turn_permission(const TransactionId& id, const TurnLogin& login, const base::Endpoint& peer);
/// A ChannelBind of `channel`, 0x4000 to 0x4fff, to `peer` (RFC 8656 12.1).
Octets turn_channel(const TransactionId& id, const TurnLogin& login, std::uint16_t channel,
                    const base::Endpoint& peer);
/// Gives an allocation back.
Octets turn_release(const TransactionId& id, const TurnLogin& login);
/// RFC 8656 12.4.
Octets channel_data(std::uint16_t channel, base::Bytes payload);

/// What a server said to a request.
struct TurnAnswer {
    bool success = false;
    std::uint16_t error = 0;  ///< of an error response; 0 without
    base::Endpoint relayed;   ///< of a successful Allocate
};
/// Nothing if these octets do not answer the request with this id.
std::optional<TurnAnswer> turn_answer(base::Bytes bytes, const TransactionId& id);

}  // namespace turnpike::speak
