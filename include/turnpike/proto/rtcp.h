// RTCP packets: RFC 3550 6, feedback (RFC 4585 6), extended reports (RFC 3611), and SRTCP, which
// encrypts all but the first eight octets and adds an index (RFC 3711 3.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// IANA "RTCP Control Packet types"; other values survive.
enum class RtcpType : std::uint8_t {
    sender_report = 200,       ///< SR (RFC 3550 6.4.1)
    receiver_report = 201,     ///< RR (RFC 3550 6.4.2)
    source_description = 202,  ///< SDES (RFC 3550 6.5)
    bye = 203,                 ///< BYE (RFC 3550 6.6)
    application = 204,         ///< APP (RFC 3550 6.7)
    transport_feedback = 205,  ///< RTPFB (RFC 4585 6.2)
    payload_feedback = 206,    ///< PSFB (RFC 4585 6.3)
    extended_report = 207,     ///< XR (RFC 3611 2)
};

/// One packet of a compound; views into the octets.
struct RtcpPacket {
    RtcpType type = RtcpType::sender_report;
    std::uint8_t count = 0;  ///< report count, subtype or feedback message type
    std::uint32_t ssrc = 0;  ///< of the sender; 0 in a BYE without sources
    base::Bytes body;        ///< after the common header of four octets, without padding
};

/// A datagram of RTCP.
struct RtcpCompound {
    RtcpPacket first;
    bool encrypted = false;  ///< SRTCP: only `first.type`, `count` and `ssrc` are readable
    /// SRTCP index (RFC 3711 3.4); nothing if it does not stand where the usual transforms put it.
    std::optional<std::uint32_t> srtcp_index;
    std::uint8_t packet_count = 1;
};

/// Decodes a datagram. Errors: bad_version, not_this (type outside 192 to 223), truncated,
/// bad_length (the packets do not fill the datagram and it cannot be SRTCP either).
base::Result<RtcpCompound> decode_rtcp(base::Bytes bytes) noexcept;

/// `yes`: the lengths of all packets fill the datagram and every type is known; `maybe`: the first
/// header fits and the rest may be encrypted.
Likelihood probe_rtcp(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
