// What a responder reads in a payload, and what it says to it, protocol by protocol.
#pragma once

#include <optional>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/proof/message.h"
#include "turnpike/speak/writer.h"

namespace turnpike::respond {

/// Where the proof stands in a payload, by what the payload is.
enum class Spoken : std::uint8_t {
    stun,  ///< transaction id of a Binding request
    turn,  ///< transaction id of an Allocate request
    tls,   ///< ClientHello.random, its first octets
    dtls,  ///< the same
    quic,  ///< destination connection id of the first Initial
    http,  ///< header X-Request-Id, in hexadecimal
    rtp,   ///< the payload's first octets
    bare,  ///< the first octets
};

struct Claim {
    Spoken spoken = Spoken::bare;
    proof::Token token{};
    std::size_t octets = 0;  ///< of the message that carries it
};

/// The proof that a datagram claims to carry; nothing if there is no room for one in it.
std::optional<Claim> claim_of_datagram(base::Bytes datagram);
/// The same of the first octets of a connection; nothing also while they are too few.
std::optional<Claim> claim_of_stream(base::Bytes octets);

/// The answer, never longer than the message that carried the claim. `source`: where it came from.
speak::Octets answer_to(const Claim& claim, base::Bytes message, const base::Endpoint& source);

}  // namespace turnpike::respond
