// RTCP compounds: RFC 3550 6, RFC 4585 6.1, RFC 3611 2, RFC 5506 (reduced size), SRTCP (RFC
// 3711 3.4).
#include "turnpike/proto/rtcp.h"

#include <algorithm>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

constexpr std::size_t common_header = 4;        // RFC 3550 6.4.1
constexpr std::size_t sender_info = 20;         // RFC 3550 6.4.1
constexpr std::size_t authentication_tag = 10;  // RFC 3711 5.2
constexpr std::size_t index_size = 4;           // RFC 3711 3.4: E flag and 31 bits
constexpr std::uint32_t encrypted_flag = 0x80000000;
// The index counts from zero; no call sends this many RTCP packets.
constexpr std::uint32_t largest_likely_index = 1U << 24U;

// RFC 5761 4
bool is_rtcp_type(std::uint8_t type) noexcept {
    return type >= 192 && type <= 223;
}

bool is_known_type(RtcpType type) noexcept {
    return type >= RtcpType::sender_report && type <= RtcpType::extended_report;
}

// The packet at the front; the cursor moves behind it.
Result<RtcpPacket> take_packet(Cursor& cursor) noexcept {
    const std::uint8_t first = cursor.u8();
    const std::uint8_t type = cursor.u8();
    const std::size_t words = cursor.u16();
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    if (first >> 6U != 2) {
        return std::unexpected(ParseError::bad_version);
    }
    if (!is_rtcp_type(type)) {
        return std::unexpected(ParseError::not_this);
    }
    RtcpPacket packet;
    packet.type = static_cast<RtcpType>(type);
    packet.count = first & 0x1fU;
    packet.body = cursor.take(words * 4);
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    packet.ssrc = Cursor(packet.body).u32();
    const bool padded = (first & 0x20U) != 0;
    if (padded && !packet.body.empty() && packet.body.back() <= packet.body.size()) {
        packet.body = packet.body.first(packet.body.size() - packet.body.back());
    }
    return packet;
}

// RFC 3550 6.4: whole packets to the last octet, or with the trailer of authenticated but
// unencrypted SRTCP.
bool is_plain(Bytes bytes) noexcept {
    Cursor cursor(bytes);
    while (!cursor.empty()) {
        if (cursor.position() > 0 && cursor.remaining() == index_size + authentication_tag &&
            Cursor(cursor.rest()).u32() < largest_likely_index) {
            return true;
        }
        if (!take_packet(cursor)) {
            return false;
        }
    }
    return true;
}

// The E flag and a small index, in front of the usual tag, or last of all (AEAD, RFC 7714 9.2).
std::optional<std::uint32_t> find_srtcp_index(Bytes bytes) noexcept {
    for (const std::size_t behind : {authentication_tag, std::size_t{0}}) {
        if (bytes.size() < 2 * common_header + index_size + behind) {
            continue;
        }
        const std::uint32_t word = Cursor(bytes.last(index_size + behind)).u32();
        if ((word & encrypted_flag) != 0 && (word & ~encrypted_flag) < largest_likely_index) {
            return word & ~encrypted_flag;
        }
    }
    return std::nullopt;
}

// SR and RR say their own length (RFC 3550 6.4.1 and 6.4.2); more fixed octets than noise has. Some
// vendors seal what follows in ways of their own.
bool has_length_of_its_type(const RtcpPacket& packet) noexcept {
    constexpr std::size_t block_size = 24;
    const std::size_t blocks = 4 + packet.count * block_size;
    return (packet.type == RtcpType::receiver_report && packet.body.size() == blocks) ||
           (packet.type == RtcpType::sender_report && packet.body.size() == blocks + sender_info);
}

}  // namespace

Result<RtcpCompound> decode_rtcp(Bytes bytes) noexcept {
    Cursor cursor(bytes);
    const auto first = take_packet(cursor);
    if (!first) {
        return std::unexpected(first.error());
    }
    RtcpCompound compound;
    compound.first = *first;
    if (!is_plain(bytes)) {
        compound.srtcp_index = find_srtcp_index(bytes);
        if (!compound.srtcp_index && !has_length_of_its_type(*first)) {
            return std::unexpected(ParseError::bad_length);
        }
        compound.encrypted = true;
        compound.first.body = {};
        return compound;
    }
    while (take_packet(cursor)) {
        ++compound.packet_count;
    }
    return compound;
}

Likelihood probe_rtcp(Bytes bytes) noexcept {
    const auto compound = decode_rtcp(bytes);
    if (!compound || bytes.size() < 2 * common_header) {
        return Likelihood::no;
    }
    return !compound->encrypted && is_known_type(compound->first.type) ? Likelihood::yes
                                                                       : Likelihood::maybe;
}

}  // namespace turnpike::proto
