// Decodes the headers of Google's QUIC and finds the CHLO message in a payload.
#include "turnpike/proto/gquic.h"

#include <algorithm>
#include <array>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/quic.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

// Public flags ("QUIC Wire Layout Specification", Public Packet Header).
constexpr std::uint8_t flag_version = 0x01;
constexpr std::uint8_t flag_reset = 0x02;
constexpr std::uint8_t flag_connection_id = 0x08;  // with 0x04 in versions before Q033
constexpr std::uint8_t flag_long = 0x80;           // invariant of Q044 and later
constexpr std::size_t connection_id_size = 8;
// "QUIC Crypto", Handshake messages: no message has more entries.
constexpr std::uint16_t max_entries = 128;
constexpr std::uint32_t tag_sni = 0x534e4900;   // "SNI"
constexpr std::uint32_t tag_uaid = 0x55414944;  // "UAID"

/// A nibble of the length octet of Q044 to Q049: 0, or the length less 3.
std::size_t id_size(unsigned nibble) noexcept {
    return nibble == 0 ? 0 : nibble + 3U;
}

Result<GquicPacket> decode_long(Bytes datagram) noexcept {
    Cursor cursor{datagram};
    GquicPacket packet;
    packet.long_header = true;
    cursor.skip(1);
    packet.version = cursor.u32();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (quic_family(packet.version) != QuicFamily::gquic_long) {
        return std::unexpected{ParseError::not_this};
    }
    const unsigned lengths = cursor.u8();
    const Bytes destination = cursor.take(id_size(lengths >> 4U));
    const Bytes source = cursor.take(id_size(lengths & 0x0fU));
    packet.connection_id = destination.empty() ? source : destination;
    packet.payload = cursor.rest();
    if (!cursor.ok() || packet.payload.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    return packet;
}

bool are_versions(Bytes list) noexcept {
    Cursor cursor{list};
    while (!cursor.empty()) {
        const auto family = quic_family(cursor.u32());
        if (!cursor.ok() || family == QuicFamily::unknown || family == QuicFamily::negotiation) {
            return false;
        }
    }
    return true;
}

bool is_message_tag(std::uint32_t tag) noexcept {
    return tag == gquic_chlo || tag == gquic_rej || tag == gquic_shlo;
}

}  // namespace

Result<GquicPacket> decode_gquic_packet(Bytes datagram) noexcept {
    if (datagram.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    const std::uint8_t flags = datagram[0];
    if ((flags & flag_long) != 0) {
        // Every datagram of media and of IETF QUIC comes by here.
        const bool google = datagram.size() < 2 || datagram[1] == 'Q';
        return google ? decode_long(datagram) : std::unexpected{ParseError::not_this};
    }
    if ((flags & flag_version) == 0 || (flags & flag_reset) != 0 ||
        (flags & flag_connection_id) == 0) {
        return std::unexpected{ParseError::not_this};
    }
    Cursor cursor{datagram};
    GquicPacket packet;
    cursor.skip(1);
    packet.connection_id = cursor.take(connection_id_size);
    const Bytes versions = cursor.rest();
    packet.version = cursor.u32();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    const auto family = quic_family(packet.version);
    packet.negotiation = versions.size() % 4 == 0 && are_versions(versions);
    if (family != QuicFamily::gquic_public && !packet.negotiation) {
        return std::unexpected{ParseError::not_this};
    }
    packet.payload = packet.negotiation ? Bytes{} : cursor.rest();
    if (!packet.negotiation && packet.payload.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    return packet;
}

Likelihood probe_gquic(Bytes datagram) noexcept {
    return decode_gquic_packet(datagram) ? Likelihood::yes : Likelihood::no;
}

Result<GquicMessage> decode_gquic_message(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    GquicMessage message;
    message.tag = cursor.u32();
    const std::uint16_t entries = cursor.u16_le();
    cursor.skip(2);  // padding
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (!is_message_tag(message.tag)) {
        return std::unexpected{ParseError::not_this};
    }
    if (entries > max_entries) {
        return std::unexpected{ParseError::limit};
    }
    // A table of tags and the ends of their values, then the values one after another.
    Cursor table{cursor.take(std::size_t{8} * entries)};
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    const Bytes values = cursor.rest();
    std::uint32_t begin = 0;
    while (!table.empty()) {
        const std::uint32_t tag = table.u32();
        const std::uint32_t end = table.u32_le();
        if (end < begin) {
            return std::unexpected{ParseError::bad_length};
        }
        if (end > values.size()) {
            message.complete = false;
            break;
        }
        const auto value = base::as_text(values.subspan(begin, end - begin));
        if (tag == tag_sni) {
            message.server_name = value;
        } else if (tag == tag_uaid) {
            message.user_agent = value;
        }
        begin = end;
    }
    return message;
}

Result<Bytes> find_gquic_message(Bytes payload) noexcept {
    // Acknowledgements of several formats may come before the STREAM frame that holds the message;
    // its tag and table are mark enough not to decode them all.
    constexpr std::array<std::uint8_t, 4> chlo = {'C', 'H', 'L', 'O'};
    constexpr std::array<std::uint8_t, 4> rej = {'R', 'E', 'J', 0};
    for (const auto& tag : {chlo, rej}) {
        const auto at = std::ranges::search(payload, tag).begin();
        const Bytes found = payload.subspan(static_cast<std::size_t>(at - payload.begin()));
        if (!found.empty() && decode_gquic_message(found)) {
            return found;
        }
    }
    return std::unexpected{ParseError::not_this};
}

}  // namespace turnpike::proto
