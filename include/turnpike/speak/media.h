// What looks like the media of a call: RTP (RFC 3550 5.1) with sound in it.
#pragma once

#include <cstdint>

#include "turnpike/base/bytes.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// One RTP stream of 20 ms packets.
struct RtpStream {
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;  ///< ticks of 48 kHz
};
/// A new stream with numbers that nobody can guess.
RtpStream new_rtp_stream();
/// The stream's next packet, 172 octets: its payload begins with `token` (up to 160 octets).
Octets next_rtp_packet(RtpStream& stream, base::Bytes token);
/// The payload of an RTP packet without extensions; empty if it is none. A view.
base::Bytes rtp_payload(base::Bytes packet);

}  // namespace turnpike::speak
