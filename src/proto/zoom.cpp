// Zoom's headers in front of RTP and RTCP (Michel et al., IMC 2022, section 4.2).
#include "turnpike/proto/zoom.h"

#include "turnpike/base/cursor.h"
#include "turnpike/proto/rtcp.h"
#include "turnpike/proto/rtp.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

constexpr std::uint8_t outer_media = 5;  // type of the outer header in front of media
constexpr std::size_t outer_size = 8;    // type, sequence, 4 octets, direction
constexpr std::uint8_t to_server = 0;    // direction octet
constexpr std::uint8_t from_server = 4;

// `media` is not empty. Octets of its header in front of RTP or RTCP; 0 where the type is none we
// know.
std::size_t media_header_size(Bytes media) noexcept {
    Cursor cursor(media.subspan(1));
    switch (static_cast<ZoomMedia>(media[0])) {
        case ZoomMedia::audio:
            return 19;
        case ZoomMedia::video: {
            // A frame number and count are there if octet 20 says so.
            cursor.skip(19);
            return cursor.u8() == 2 ? 24 : 20;
        }
        case ZoomMedia::screen_share: {
            // The other subtypes carry no RTP.
            cursor.skip(6);
            constexpr std::uint8_t subtype_media = 0x1e;
            return cursor.u8() == subtype_media ? 27 : 0;
        }
        case ZoomMedia::screen_share_p2p:
            return 20;
        case ZoomMedia::rtcp_33:
        case ZoomMedia::rtcp_34:
        case ZoomMedia::rtcp_35:
            return 16;
    }
    return 0;
}

bool is_rtcp_media(ZoomMedia media) noexcept {
    return media == ZoomMedia::rtcp_33 || media == ZoomMedia::rtcp_34 ||
           media == ZoomMedia::rtcp_35;
}

Result<ZoomPacket> decode_media(Bytes media, ZoomPacket packet) noexcept {
    if (media.empty()) {
        return std::unexpected(ParseError::truncated);
    }
    const std::size_t size = media_header_size(media);
    if (size == 0) {
        return std::unexpected(ParseError::not_this);
    }
    if (media.size() <= size) {
        return std::unexpected(ParseError::truncated);
    }
    packet.media = static_cast<ZoomMedia>(media[0]);
    packet.is_rtcp = is_rtcp_media(packet.media);
    packet.inner = media.subspan(size);
    const bool fits = packet.is_rtcp ? probe_rtcp(packet.inner) == Likelihood::yes
                                     : probe_rtp(packet.inner) != Likelihood::no;
    if (!fits) {
        return std::unexpected(ParseError::not_this);
    }
    return packet;
}

}  // namespace

Result<ZoomPacket> decode_zoom(Bytes datagram) noexcept {
    ZoomPacket packet;
    Cursor cursor(datagram);
    if (cursor.u8() != outer_media) {
        return decode_media(datagram, packet);
    }
    cursor.skip(6);
    const std::uint8_t direction = cursor.u8();
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    if (direction != to_server && direction != from_server) {
        return std::unexpected(ParseError::not_this);
    }
    packet.through_server = true;
    packet.from_server = direction == from_server;
    return decode_media(datagram.subspan(outer_size), packet);
}

}  // namespace turnpike::proto
