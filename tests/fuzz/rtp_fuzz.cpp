// Any bytes as RTP, RTCP and Zoom's wrapping of them; and as a series of sequence numbers.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/rtcp.h"
#include "turnpike/proto/rtp.h"
#include "turnpike/proto/rtp_stream.h"
#include "turnpike/proto/zoom.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
using turnpike::base::Cursor;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

// Eight octets a packet: type, two of sequence, three of timestamp, two of milliseconds between.
void follow_stream(Bytes bytes) {
    RtpStreamState stream;
    Cursor cursor(bytes);
    turnpike::base::Timestamp now{};
    std::uint64_t packets = 0;
    while (cursor.remaining() >= 8) {
        RtpPacket packet;
        const std::uint8_t type = cursor.u8();
        packet.payload_type = type & 0x7fU;
        packet.marker = type > 0x7f;
        packet.sequence = cursor.u16();
        packet.timestamp = cursor.u24() << 8U;
        now += std::chrono::milliseconds{cursor.u16()};
        stream.update(packet, now);
        ++packets;
        require(stream.packets() == packets);
        require(stream.lost() >= 0);
        if (const auto jitter = stream.jitter_ms()) {
            require(std::isfinite(*jitter) && *jitter >= 0);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    if (const auto packet = decode_rtp(bytes)) {
        require(packet->payload.size() + packet->padding + packet->csrcs.size() +
                    packet->extension.size() + 12 <=
                size);
    }
    static_cast<void>(probe_rtp(bytes));
    static_cast<void>(decode_rtcp(bytes));
    static_cast<void>(probe_rtcp(bytes));
    if (const auto packet = decode_zoom(bytes)) {
        require(!packet->inner.empty() && packet->inner.size() < size);
    }
    follow_stream(bytes);
    return 0;
}
