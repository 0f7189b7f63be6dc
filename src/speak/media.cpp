// Writes RTP packets as a browser would send them.
#include "turnpike/speak/media.h"

#include <algorithm>

#include "turnpike/speak/random.h"

namespace turnpike::speak {
namespace {

constexpr std::size_t header_octets = 12;
constexpr std::size_t payload_octets = 160;
constexpr unsigned version2 = 0x80;
constexpr unsigned opus = 111;        // the payload type that browsers take for it
constexpr std::uint32_t ticks = 960;  // 20 ms at 48 kHz

}  // namespace

RtpStream new_rtp_stream() {
    const auto octets = random_octets(10);
    RtpStream stream;
    for (std::size_t i = 0; i < 4; ++i) {
        stream.ssrc = stream.ssrc << 8U | octets[i];
        stream.timestamp = stream.timestamp << 8U | octets[4 + i];
    }
    stream.sequence = static_cast<std::uint16_t>(octets[8] << 8U | octets[9]);
    return stream;
}

Octets next_rtp_packet(RtpStream& stream, base::Bytes token) {
    Writer out;
    out.u8(version2);
    out.u8(opus);
    out.u16(stream.sequence++);
    out.u32(stream.timestamp);
    stream.timestamp += ticks;
    out.u32(stream.ssrc);
    const auto told = token.first(std::min(token.size(), payload_octets));
    out.bytes(told);
    out.bytes(random_octets(payload_octets - told.size()));
    return out.take();
}

base::Bytes rtp_payload(base::Bytes packet) {
    return packet.size() > header_octets && (packet[0] & 0xc0U) == version2
               ? packet.subspan(header_octets)
               : base::Bytes{};
}

}  // namespace turnpike::speak
