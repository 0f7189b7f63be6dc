// TLS and DTLS messages as a browser and a server write them, as far as a firewall can read them:
// RFC 8446 4.1, RFC 5246 7.4, RFC 6347 4.2, and the hybrid key share X25519MLKEM768 that makes
// today's ClientHello take two segments (draft-ietf-tls-ecdhe-mlkem).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// The 32 octets of ClientHello.random and ServerHello.random.
using HelloRandom = std::array<std::uint8_t, 32>;

/// A TLS record with the ClientHello that a current browser sends to this name; without a name no
/// SNI is sent. 1,700 octets, so that it takes two segments.
Octets tls_client_hello(std::string_view name, const HelloRandom& random);

/// The ClientHello of QUIC (RFC 9001 4), a handshake message without a record.
/// `source_id`: the client's source connection id.
Octets quic_client_hello(std::string_view name, const HelloRandom& random, base::Bytes source_id);

/// One DTLS 1.2 record with a ClientHello as WebRTC sends it: use_srtp, no name, no cookie.
Octets dtls_client_hello(const HelloRandom& random);

/// What a responder reads in the first octets of a TLS connection.
struct HelloSeen {
    HelloRandom random{};
    base::Bytes session_id;   ///< into the octets that were read
    std::size_t message = 0;  ///< octets of the record
};
/// The ClientHello record at the front of `bytes`; nothing if it is none or not all there.
std::optional<HelloSeen> read_tls_client_hello(base::Bytes bytes);
/// The random of a DTLS ClientHello; nothing if it is none.
std::optional<HelloRandom> read_dtls_client_hello(base::Bytes bytes);

/// ServerHello, ChangeCipherSpec and a record of what could be the encrypted rest (RFC 8446 4.1.3,
/// D.4). Shorter than the ClientHello it answers.
Octets tls_server_answer(const HelloSeen& hello, const HelloRandom& random);
/// ServerHello as a handshake message, for QUIC.
Octets quic_server_hello(const HelloRandom& random);
/// HelloVerifyRequest (RFC 6347 4.2.1) whose cookie is given.
Octets dtls_hello_verify(base::Bytes cookie);

}  // namespace turnpike::speak
