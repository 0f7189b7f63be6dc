// Zoom's encapsulation of RTP and RTCP as published measurement work describes it (Michel et al.,
// "Enabling Passive Measurement of Zoom Performance in Production Networks", IMC 2022): an outer
// header of eight octets towards servers (UDP 8801 to 8810), then a media header whose length
// depends on its type, then plain RTP or RTCP. There is no specification by the vendor.
#pragma once

#include <cstdint>
#include <expected>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// Types of the media header, as the published measurements name them.
enum class ZoomMedia : std::uint8_t {
    screen_share = 13,      ///< a shared screen, through a server
    audio = 15,             ///< sound
    video = 16,             ///< picture
    screen_share_p2p = 30,  ///< a shared screen, straight to the peer
    rtcp_33 = 33,           ///< RTCP behind a header of 16 octets
    rtcp_34 = 34,           ///< RTCP behind a header of 16 octets
    rtcp_35 = 35,           ///< RTCP behind a header of 16 octets
};

/// A datagram of Zoom's with what it wraps; a view into the datagram.
struct ZoomPacket {
    bool through_server = false;  ///< has the outer header
    bool from_server = false;     ///< its direction octet says so
    ZoomMedia media = ZoomMedia::audio;
    bool is_rtcp = false;
    base::Bytes inner;  ///< an RTP or RTCP packet that passed probe_rtp or decode_rtcp
};

/// Ports of Zoom's media servers.
constexpr bool is_zoom_server_port(std::uint16_t port) noexcept {
    return port >= 8801 && port <= 8810;
}

/// Decodes a datagram. There is no magic number: use it only on a flow with a Zoom server port, or
/// one that such a flow's STUN exchange pointed to. Errors: not_this, truncated.
base::Result<ZoomPacket> decode_zoom(base::Bytes datagram) noexcept;

}  // namespace turnpike::proto
