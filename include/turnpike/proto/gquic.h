// Google's QUIC before the IETF's: Q043 and older with their public header, Q044 to Q049 with a
// long header ("QUIC Wire Layout Specification" and "QUIC Crypto" of the Chromium project). Only
// what names the server: the CHLO handshake message of the client, which is not encrypted. Q050
// looks like IETF QUIC; QuicReader opens it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// A packet that names its version; the others cannot be told from other traffic.
struct GquicPacket {
    std::uint32_t version = 0;  ///< as ASCII: 0x51303433 is "Q043"
    base::Bytes connection_id;
    bool long_header = false;  ///< Q044 and later
    bool negotiation = false;  ///< the server's list of versions is all there is
    base::Bytes payload;       ///< packet number, hash and frames; encrypted after the handshake
};
/// Errors: truncated, not_this.
base::Result<GquicPacket> decode_gquic_packet(base::Bytes datagram) noexcept;

/// `yes` for packets that carry one of Google's versions in its place, otherwise `no`.
Likelihood probe_gquic(base::Bytes datagram) noexcept;

inline constexpr std::uint32_t gquic_chlo = 0x43484c4f;  ///< "CHLO", the client's hello
inline constexpr std::uint32_t gquic_rej = 0x52454a00;   ///< "REJ", asks for another CHLO
inline constexpr std::uint32_t gquic_shlo = 0x53484c4f;  ///< "SHLO", the server's hello

/// A handshake message: a tag and its values.
struct GquicMessage {
    std::uint32_t tag = 0;
    std::string_view server_name;  ///< SNI
    std::string_view user_agent;   ///< UAID
    bool complete = true;          ///< false if values lie beyond the octets at hand
};
/// Decodes a handshake message that begins with its tag. Errors: truncated, not_this (no tag of
/// those above), bad_length, limit.
base::Result<GquicMessage> decode_gquic_message(base::Bytes bytes) noexcept;

/// The handshake message in the frames of a packet, up to the end of the packet: a view into
/// `payload`. Errors: not_this (there is none).
base::Result<base::Bytes> find_gquic_message(base::Bytes payload) noexcept;

}  // namespace turnpike::proto
