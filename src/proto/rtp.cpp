// RTP packets: RFC 3550 5.1 and 5.3.1, static payload types of RFC 3551 6.
#include "turnpike/proto/rtp.h"

#include <algorithm>
#include <array>
#include <optional>

#include "turnpike/base/cursor.h"
#include "turnpike/base/filled.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

struct StaticPayload {
    std::uint8_t type;
    std::uint32_t clock_rate;  // Hz
};

// RFC 3551 6, tables 4 and 5. G722's clock is 8000 by an old mistake (RFC 3551 4.5.2).
constexpr std::array static_payloads{
    StaticPayload{0, 8000},    // PCMU
    StaticPayload{3, 8000},    // GSM
    StaticPayload{4, 8000},    // G723
    StaticPayload{5, 8000},    // DVI4
    StaticPayload{6, 16000},   // DVI4
    StaticPayload{7, 8000},    // LPC
    StaticPayload{8, 8000},    // PCMA
    StaticPayload{9, 8000},    // G722
    StaticPayload{10, 44100},  // L16
    StaticPayload{11, 44100},  // L16
    StaticPayload{12, 8000},   // QCELP
    StaticPayload{13, 8000},   // CN
    StaticPayload{14, 90000},  // MPA
    StaticPayload{15, 8000},   // G728
    StaticPayload{16, 11025},  // DVI4
    StaticPayload{17, 22050},  // DVI4
    StaticPayload{18, 8000},   // G729
    StaticPayload{25, 90000},  // CelB
    StaticPayload{26, 90000},  // JPEG
    StaticPayload{28, 90000},  // nv
    StaticPayload{31, 90000},  // H261
    StaticPayload{32, 90000},  // MPV
    StaticPayload{33, 90000},  // MP2T
    StaticPayload{34, 90000},  // H263
};

/// The clock rate by payload type, looked up for every packet; 0 where there is none.
constexpr auto static_rates = [] {
    std::array<std::uint32_t, 128> rates{};
    for (const auto& payload : static_payloads) {
        rates[payload.type] = payload.clock_rate;
    }
    return rates;
}();

// Padding counts itself and stands in the last octet (RFC 3550 5.1); SRTP encrypts it.
void remove_padding(RtpPacket& packet) noexcept {
    const std::uint8_t count = packet.payload.empty() ? std::uint8_t{0} : packet.payload.back();
    if (count == 0 || count > packet.payload.size()) {
        packet.padding_unreadable = true;
        return;
    }
    packet.padding = count;
    packet.payload = packet.payload.first(packet.payload.size() - count);
}

std::optional<ParseError> read_packet(Bytes bytes, RtpPacket& packet) noexcept {
    Cursor cursor(bytes);
    const std::uint8_t first = cursor.u8();
    const std::uint8_t second = cursor.u8();
    if (cursor.ok() && first >> 6U != 2) {
        return ParseError::bad_version;
    }
    packet.marker = (second & 0x80U) != 0;
    packet.payload_type = second & 0x7fU;
    packet.sequence = cursor.u16();
    packet.timestamp = cursor.u32();
    packet.ssrc = cursor.u32();
    packet.csrcs = cursor.take((first & 0x0fU) * std::size_t{4});
    packet.has_extension = (first & 0x10U) != 0;
    if (packet.has_extension) {
        packet.extension_profile = cursor.u16();
        packet.extension = cursor.take(cursor.u16() * std::size_t{4});
    }
    if (!cursor.ok()) {
        return ParseError::truncated;
    }
    packet.payload = cursor.rest();
    if ((first & 0x20U) != 0) {
        remove_padding(packet);
    }
    return std::nullopt;
}

}  // namespace

Result<RtpPacket> decode_rtp(Bytes bytes) noexcept {
    return base::filled<RtpPacket>(
        [bytes](RtpPacket& packet) { return read_packet(bytes, packet); });
}

Likelihood probe_rtp(Bytes bytes) noexcept {
    const auto packet = decode_rtp(bytes);
    if (!packet) {
        return Likelihood::no;
    }
    // RFC 5761 4: 64 to 95 would look like RTCP with the marker set.
    const bool type_fits = packet->payload_type < 64 || packet->payload_type > 95;
    const bool all_zero = packet->sequence == 0 && packet->timestamp == 0 && packet->ssrc == 0;
    const bool empty = packet->payload.empty() && packet->padding == 0;
    return type_fits && !all_zero && !empty ? Likelihood::maybe : Likelihood::no;
}

std::uint32_t static_clock_rate(std::uint8_t payload_type) noexcept {
    return payload_type < static_rates.size() ? static_rates[payload_type] : 0;
}

}  // namespace turnpike::proto
