// RTP packets: RFC 3550 5.1 and the header extension of 5.3.1; SRTP (RFC 3711) has the same header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// An RTP packet; views into the octets decoded.
struct RtpPacket {
    bool marker = false;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;  ///< ticks of the payload type's clock
    std::uint32_t ssrc = 0;
    base::Bytes csrcs;  ///< four octets each
    bool has_extension = false;
    std::uint16_t extension_profile = 0;  ///< 0xbede: one-byte elements (RFC 8285 4.2)
    base::Bytes extension;
    base::Bytes payload;              ///< without padding, as far as that is readable
    std::uint8_t padding = 0;         ///< octets; 0 if there is none or it is encrypted
    bool padding_unreadable = false;  ///< P bit, but no fitting count (SRTP, RFC 3711 3.1)
};

/// Decodes one packet. Errors: truncated (shorter than its fixed parts say), bad_version.
base::Result<RtpPacket> decode_rtp(base::Bytes bytes) noexcept;

/// Nothing in RTP is a magic number, so the best answer is `maybe`: version 2, a payload type that
/// is no RTCP type (RFC 5761 4), extension and CSRC list that fit, and some payload. `no`
/// otherwise. Confirm over several packets with RtpStreamState.
Likelihood probe_rtp(base::Bytes bytes) noexcept;

/// The clock of a static payload type (RFC 3551 6) in Hz; 0 for dynamic or unassigned ones.
std::uint32_t static_clock_rate(std::uint8_t payload_type) noexcept;

}  // namespace turnpike::proto
