// QUIC packets as far as they are in clear: RFC 8999 (invariants), RFC 9000 17 (v1), RFC 9369 (v2),
// IETF drafts 23 to 34; and the frames that an Initial may hold (RFC 9000 12.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"
#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// QUIC version 1 (RFC 9000 15).
inline constexpr std::uint32_t quic_v1 = 0x00000001;
/// QUIC version 2 (RFC 9369 3.1).
inline constexpr std::uint32_t quic_v2 = 0x6b3343cf;

/// How the packets of a version look and which keys its Initials have.
enum class QuicFamily : std::uint8_t {
    unknown,        ///< a version that cannot be read
    negotiation,    ///< version 0
    reserved,       ///< 0x?a?a?a?a, sent to force a Version Negotiation (RFC 9000 15)
    ietf,           ///< v1, v2, drafts 23 to 34 and private variants of them
    gquic_public,   ///< Google's Q039 to Q043: public header, CHLO in clear
    gquic_long,     ///< Q044 to Q049: long header of its own, CHLO in clear
    gquic_initial,  ///< Q050: IETF header and Initial keys, CHLO inside
};
/// The family of a version as it stands in a long header.
QuicFamily quic_family(std::uint32_t version) noexcept;

/// The kind of a packet (RFC 9000 17).
enum class QuicPacketType : std::uint8_t {
    initial,              ///< RFC 9000 17.2.2
    zero_rtt,             ///< RFC 9000 17.2.3
    handshake,            ///< RFC 9000 17.2.4
    retry,                ///< RFC 9000 17.2.5
    version_negotiation,  ///< RFC 9000 17.2.1
    one_rtt,              ///< short header
    unknown_long,         ///< long header of an unknown version: only the invariants are decoded
};

/// One packet of a datagram (RFC 9000 17). Views point into the datagram.
struct QuicPacket {
    QuicPacketType type = QuicPacketType::one_rtt;
    std::uint32_t version = 0;  ///< 0 for short headers and Version Negotiation
    base::Bytes bytes;          ///< the whole packet, first octet to end of payload
    base::Bytes destination_id;
    base::Bytes source_id;
    base::Bytes token;                     ///< of an Initial or Retry
    base::Bytes versions;                  ///< of a Version Negotiation: 32-bit values
    std::size_t packet_number_offset = 0;  ///< within `bytes`; initial, 0-RTT and handshake only
    bool fixed_bit = true;                 ///< may be clear (RFC 9287)
};

/// The packet at the front of `datagram`, which is moved past it (RFC 9000 12.2: packets with a
/// length are coalesced). `short_id_length`: octets of connection id in short headers, which they
/// do not tell. Errors: truncated, not_this (an unknown version without the fixed bit), bad_length,
/// limit (connection id over 20 octets in a version that forbids it).
base::Result<QuicPacket> decode_quic_packet(base::Bytes& datagram,
                                            std::size_t short_id_length = 0) noexcept;

/// The long header at the front of a datagram that the snap length may have cut behind it, of a
/// version whose packet types are known. Errors: truncated, not_this.
base::Result<QuicPacket> decode_quic_header(base::Bytes datagram) noexcept;

/// `yes`: a long header of a known version that is well formed, or Version Negotiation. `maybe`: a
/// short header, an unknown version, or a long header without the fixed bit.
Likelihood probe_quic(base::Bytes datagram) noexcept;

/// A frame of an Initial (RFC 9000 19). Data of other frame types is skipped.
struct QuicFrame {
    /// The kind of a frame.
    enum class Type : std::uint8_t {
        padding,           ///< RFC 9000 19.1
        ping,              ///< RFC 9000 19.2
        ack,               ///< RFC 9000 19.3
        crypto,            ///< RFC 9000 19.6
        connection_close,  ///< RFC 9000 19.19
        other,             ///< no frame that an Initial may hold
    };
    Type type = Type::padding;
    std::uint64_t wire_type = 0;     ///< the frame type as sent
    std::uint64_t offset = 0;        ///< of crypto
    base::Bytes data;                ///< of crypto; the reason phrase of connection_close
    std::uint64_t error_code = 0;    ///< of connection_close; 0x0100 + alert for TLS (RFC 9001 4.8)
    bool application_close = false;  ///< connection_close 0x1d
};
/// The frame at the front of `payload`, which is moved past it; a run of padding is one frame.
/// Errors: truncated, bad_value (a frame type that Initials cannot hold: what follows it cannot be
/// found).
base::Result<QuicFrame> decode_quic_frame(base::Bytes& payload) noexcept;
/// The same for the Initials of Google's Q050, T050 and T051, which have other frame types.
/// Errors as above.
base::Result<QuicFrame> decode_q050_frame(base::Bytes& payload) noexcept;

}  // namespace turnpike::proto
