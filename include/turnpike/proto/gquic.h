// Google's QUIC before the IETF's: Q039 to Q050 ("QUIC Wire Layout Specification", "QUIC Crypto").
// Only what names the server: the CHLO handshake message of the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// A packet whose handshake payload is in clear (Q039 to Q049).
struct GquicPacket {
    std::uint32_t version = 0;  ///< as ASCII: 0x51303433 is "Q043"; 0 where the header has none
    base::Bytes connection_id;
    std::uint64_t packet_number = 0;
    bool public_reset = false;
    bool negotiation = false;  ///< a version negotiation of the server
    bool long_header = false;  ///< Q044 to Q049
    base::Bytes payload;       ///< frames, if they are in clear
};
base::Result<GquicPacket> decode_gquic_packet(base::Bytes datagram) noexcept;

/// `yes` only for packets that carry a known version in either form.
Likelihood probe_gquic(base::Bytes datagram) noexcept;

/// A handshake message of QUIC Crypto: a tag and its values.
struct GquicMessage {
    std::uint32_t tag = 0;         ///< in network order: 0x43484c4f is "CHLO"
    std::string_view server_name;  ///< SNI
    std::string_view user_agent;   ///< UAID
    bool complete = true;          ///< false if values lie beyond the bytes at hand
};
inline constexpr std::uint32_t gquic_chlo = 0x43484c4f;
inline constexpr std::uint32_t gquic_rej = 0x52454a00;
inline constexpr std::uint32_t gquic_shlo = 0x53484c4f;

/// Decodes a handshake message (tag first). Errors: truncated, not_this, bad_length.
base::Result<GquicMessage> decode_gquic_message(base::Bytes bytes) noexcept;

/// Finds the handshake message on the crypto stream among the frames of a packet in clear (STREAM
/// frames of stream 1, RFC-less "QUIC Wire Layout Specification"); not_this if there is none.
base::Result<base::Bytes> find_gquic_handshake(base::Bytes frames) noexcept;

}  // namespace turnpike::proto
