// Decodes QUIC packet headers and frames: RFC 8999 5, RFC 9000 16, 17 and 19, RFC 9369 3.2.
#include "turnpike/proto/quic.h"

#include <algorithm>

#include "proto/quic_versions.h"
#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

constexpr std::uint8_t long_form = 0x80;        // RFC 8999 5.1
constexpr std::uint8_t fixed_bit = 0x40;        // RFC 9000 17.2
constexpr std::size_t retry_tag_size = 16;      // RFC 9000 17.2.5
constexpr std::size_t smallest_protected = 20;  // RFC 9001 5.4.2: 4 octets and a sample of 16

/// RFC 9000 16: the two top bits tell the length.
std::uint64_t read_varint(Cursor& cursor) noexcept {
    const unsigned width = 1U << (cursor.peek() >> 6U);
    std::uint64_t value = cursor.u8() & 0x3fU;
    for (unsigned i = 1; i < width; ++i) {
        value = (value << 8U) | cursor.u8();
    }
    return value;
}

Bytes take_long(Cursor& cursor, std::uint64_t count) noexcept {
    if (count > cursor.remaining()) {
        cursor.fail();
        return {};
    }
    return cursor.take(static_cast<std::size_t>(count));
}

/// RFC 9000 17.2 and RFC 9369 3.2.
QuicPacketType long_type(std::uint8_t first, const QuicVersionTraits& traits) noexcept {
    const unsigned number = (first >> 4U) & 3U;
    constexpr std::array types = {QuicPacketType::initial, QuicPacketType::zero_rtt,
                                  QuicPacketType::handshake, QuicPacketType::retry};
    return types[traits.second_types ? (number + 3U) % 4U : number];
}

Result<QuicPacket> decode_short(Bytes& datagram, std::size_t id_length) noexcept {
    Cursor cursor{datagram};
    QuicPacket packet;
    packet.type = QuicPacketType::one_rtt;
    packet.fixed_bit = (cursor.u8() & fixed_bit) != 0;
    packet.destination_id = cursor.take(id_length);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    // RFC 9000 12.2: a short header packet has no length and is the last of its datagram.
    packet.bytes = datagram;
    datagram = {};
    return packet;
}

/// What all versions have in common (RFC 8999 5.1).
Result<QuicPacket> read_long_header(Cursor& cursor) noexcept {
    QuicPacket packet;
    const std::uint8_t first = cursor.u8();
    packet.fixed_bit = (first & fixed_bit) != 0;
    packet.version = cursor.u32();
    packet.destination_id = cursor.take_u8_prefixed();
    packet.source_id = cursor.take_u8_prefixed();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if ((first & long_form) == 0) {
        return std::unexpected{ParseError::not_this};
    }
    return packet;
}

bool has_long_ids(const QuicPacket& packet) noexcept {
    return packet.destination_id.size() > max_quic_id || packet.source_id.size() > max_quic_id;
}

Result<QuicPacket> decode_negotiation(Bytes& datagram, Cursor cursor, QuicPacket packet) noexcept {
    packet.type = QuicPacketType::version_negotiation;
    packet.versions = cursor.rest();
    packet.bytes = datagram;
    // RFC 9000 17.2.1: a list of versions, at least one.
    if (packet.versions.empty() || packet.versions.size() % 4 != 0) {
        return std::unexpected{packet.versions.empty() ? ParseError::truncated
                                                       : ParseError::bad_length};
    }
    datagram = {};
    return packet;
}

Result<QuicPacket> decode_retry(Bytes& datagram, Cursor cursor, QuicPacket packet) noexcept {
    if (cursor.remaining() < retry_tag_size) {
        return std::unexpected{ParseError::truncated};
    }
    packet.token = cursor.take(cursor.remaining() - retry_tag_size);
    packet.bytes = datagram;
    datagram = {};
    return packet;
}

/// Initial, 0-RTT and Handshake: RFC 9000 17.2.2 to 17.2.4.
Result<QuicPacket> decode_protected(Bytes& datagram, Cursor cursor, QuicPacket packet) noexcept {
    if (packet.type == QuicPacketType::initial) {
        packet.token = take_long(cursor, read_varint(cursor));
    }
    const std::uint64_t length = read_varint(cursor);
    packet.packet_number_offset = cursor.position();
    take_long(cursor, length);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (length < smallest_protected) {
        return std::unexpected{ParseError::bad_length};
    }
    packet.bytes = datagram.first(cursor.position());
    datagram = cursor.rest();
    return packet;
}

/// RFC 9000 19.3: the ranges of an ACK, and the ECN counts of type 0x03.
void skip_ack(Cursor& cursor, bool with_ecn) noexcept {
    read_varint(cursor);  // largest acknowledged
    read_varint(cursor);  // delay
    std::uint64_t ranges = read_varint(cursor);
    read_varint(cursor);  // first range
    while (ranges > 0 && cursor.ok()) {
        read_varint(cursor);
        read_varint(cursor);
        --ranges;
    }
    for (unsigned i = 0; with_ecn && i < 3; ++i) {
        read_varint(cursor);
    }
}

// RFC 9000 19.
namespace frame {
constexpr std::uint64_t padding = 0x00;
constexpr std::uint64_t ping = 0x01;
constexpr std::uint64_t ack = 0x02;
constexpr std::uint64_t ack_ecn = 0x03;
constexpr std::uint64_t crypto = 0x06;
constexpr std::uint64_t connection_close = 0x1c;
constexpr std::uint64_t application_close = 0x1d;
constexpr std::uint64_t q050_ping = 0x07;    // "QUIC Wire Layout Specification", Frame Types
constexpr std::uint64_t q050_crypto = 0x08;  // Chromium, QuicFrameType
}  // namespace frame

void read_close(Cursor& cursor, QuicFrame& close) noexcept {
    close.type = QuicFrame::Type::connection_close;
    close.application_close = close.wire_type == frame::application_close;
    close.error_code = read_varint(cursor);
    if (!close.application_close) {
        read_varint(cursor);  // the type of the frame at fault
    }
    close.data = take_long(cursor, read_varint(cursor));
}

bool names_known_version(Bytes versions) noexcept {
    Cursor cursor{versions};
    while (!cursor.empty()) {
        const auto family = quic_family(cursor.u32());
        if (family != QuicFamily::unknown && family != QuicFamily::negotiation) {
            return true;
        }
    }
    return false;
}

/// How many octets of zero are at the front.
std::size_t zeros(Bytes bytes) noexcept {
    const auto end = std::ranges::find_if(bytes, [](auto octet) { return octet != 0; });
    return static_cast<std::size_t>(end - bytes.begin());
}

}  // namespace

Result<QuicPacket> decode_quic_packet(Bytes& datagram, std::size_t short_id_length) noexcept {
    if (datagram.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    const std::uint8_t first = datagram[0];
    if ((first & long_form) == 0) {
        return decode_short(datagram, short_id_length);
    }
    Cursor cursor{datagram};
    const auto header = read_long_header(cursor);
    if (!header) {
        return header;
    }
    QuicPacket packet = *header;
    if (packet.version == 0) {
        return decode_negotiation(datagram, cursor, packet);
    }
    const QuicVersionTraits* const traits = quic_version_traits(packet.version);
    if (traits == nullptr) {
        // RTP begins with a clear second bit, and QUIC of any version known so far does not.
        if (!packet.fixed_bit) {
            return std::unexpected{ParseError::not_this};
        }
        packet.type = QuicPacketType::unknown_long;
        packet.bytes = datagram;
        datagram = {};
        return packet;
    }
    if (has_long_ids(packet)) {
        return std::unexpected{ParseError::limit};
    }
    packet.type = long_type(first, *traits);
    return packet.type == QuicPacketType::retry ? decode_retry(datagram, cursor, packet)
                                                : decode_protected(datagram, cursor, packet);
}

Result<QuicPacket> decode_quic_header(Bytes datagram) noexcept {
    Cursor cursor{datagram};
    auto packet = read_long_header(cursor);
    if (!packet) {
        return packet;
    }
    const QuicVersionTraits* const traits = quic_version_traits(packet->version);
    if (traits == nullptr || !packet->fixed_bit || has_long_ids(*packet)) {
        return std::unexpected{ParseError::not_this};
    }
    packet->type = long_type(datagram[0], *traits);
    packet->bytes = datagram;
    return packet;
}

Likelihood probe_quic(Bytes datagram) noexcept {
    if (datagram.empty()) {
        return Likelihood::no;
    }
    const bool is_long = (datagram[0] & long_form) != 0;
    if (!is_long) {
        // RFC 9000 17.3.1; 21 octets is the least that a peer can decrypt (5.5.3.2 of RFC 9000).
        return (datagram[0] & fixed_bit) != 0 && datagram.size() >= 21 ? Likelihood::maybe
                                                                       : Likelihood::no;
    }
    Bytes rest = datagram;
    const auto packet = decode_quic_packet(rest);
    if (!packet) {
        return Likelihood::no;
    }
    if (packet->type == QuicPacketType::version_negotiation) {
        // A list without any known version may as well be silence in PCMU.
        return names_known_version(packet->versions) ? Likelihood::yes : Likelihood::maybe;
    }
    if (packet->type == QuicPacketType::unknown_long) {
        const bool plausible = !has_long_ids(*packet);
        const auto family = quic_family(packet->version);
        return plausible && family == QuicFamily::reserved ? Likelihood::yes
               : plausible                                 ? Likelihood::maybe
                                                           : Likelihood::no;
    }
    // RFC 9287 3: only a peer that has agreed to it may clear the bit, so no first packet.
    return packet->fixed_bit ? Likelihood::yes : Likelihood::maybe;
}

Result<QuicFrame> decode_quic_frame(Bytes& payload) noexcept {
    Cursor cursor{payload};
    QuicFrame found;
    found.wire_type = read_varint(cursor);
    switch (found.wire_type) {
        case frame::padding:
            cursor.skip(zeros(cursor.rest()));
            break;
        case frame::ping:
            found.type = QuicFrame::Type::ping;
            break;
        case frame::ack:
        case frame::ack_ecn:
            found.type = QuicFrame::Type::ack;
            skip_ack(cursor, found.wire_type == frame::ack_ecn);
            break;
        case frame::crypto:
            found.type = QuicFrame::Type::crypto;
            found.offset = read_varint(cursor);
            found.data = take_long(cursor, read_varint(cursor));
            break;
        case frame::connection_close:
        case frame::application_close:
            read_close(cursor, found);
            break;
        default:
            // RFC 9000 12.4, table 3: no other frame is allowed in an Initial.
            return std::unexpected{cursor.ok() ? ParseError::bad_value : ParseError::truncated};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    payload = cursor.rest();
    return found;
}

Result<QuicFrame> decode_q050_frame(Bytes& payload) noexcept {
    Cursor cursor{payload};
    QuicFrame found;
    found.wire_type = cursor.u8();
    switch (found.wire_type) {
        case frame::padding:
            cursor.skip(zeros(cursor.rest()));
            break;
        case frame::q050_ping:
            found.type = QuicFrame::Type::ping;
            break;
        case frame::q050_crypto:
            found.type = QuicFrame::Type::crypto;
            found.offset = read_varint(cursor);
            found.data = take_long(cursor, read_varint(cursor));
            break;
        default:
            // Acknowledgements and closes of its own formats: what follows is not looked for.
            return std::unexpected{cursor.ok() ? ParseError::bad_value : ParseError::truncated};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    payload = cursor.rest();
    return found;
}

}  // namespace turnpike::proto
