// What one frame's decoding carries from header to header, and the functions that hand over to each
// other. A header's function checks its own octets, notes what matters in the packet, and calls the
// function of what it wraps; the last one decides what became of the frame.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "turnpike/base/bytes.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/fields.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/wire/decoder.h"
#include "turnpike/wire/packet.h"

namespace turnpike::wire {

/// A header and everything after it: the octets captured, and how many there were on the wire.
/// Sixteen octets in size, so that it travels in registers.
class Region {
  public:
    constexpr Region() noexcept = default;
    /// `length` is at least bytes.size(); more if the capture cut the end.
    constexpr Region(base::Bytes bytes, std::uint32_t length) noexcept
        : data_(bytes.data()),
          captured_(static_cast<std::uint32_t>(bytes.size())),
          length_(length) {}

    [[nodiscard]] constexpr base::Bytes bytes() const noexcept { return {data_, captured_}; }
    [[nodiscard]] constexpr std::size_t captured() const noexcept { return captured_; }
    [[nodiscard]] constexpr std::uint32_t length() const noexcept { return length_; }
    [[nodiscard]] constexpr bool cut() const noexcept { return captured_ < length_; }

    /// What follows the first `count` octets; `count` must not exceed what was captured.
    [[nodiscard]] constexpr Region after(std::size_t count) const noexcept {
        return {bytes().subspan(count), length_ - static_cast<std::uint32_t>(count)};
    }
    /// The region as a length field inside it tells: without trailing padding, and cut if the field
    /// promises more than there is.
    [[nodiscard]] constexpr Region limited(std::uint32_t count) const noexcept {
        return {bytes().first(std::min(captured_, count)), count};
    }

  private:
    const std::uint8_t* data_ = nullptr;
    std::uint32_t captured_ = 0;
    std::uint32_t length_ = 0;
};

/// A frame as it was captured.
struct WholeFrame {
    base::Bytes octets;
    std::uint32_t wire_length = 0;
    std::uint32_t link_type = 0;  ///< LINKTYPE_ value
    std::uint32_t tap = 0;        ///< Packet::tap
    std::uint64_t number = 0;
    base::Timestamp time;
};

/// The state of decoding one frame.
struct Walk {
    Packet& packet;
    const WholeFrame& frame;
    FragmentTable& fragments;
    ProblemCounts& hidden_problems;  ///< PacketDecoder::hidden_problems
    unsigned depth_left;
    bool takes_first = false;      ///< a first fragment is taken alone: the others never came
    unsigned reassemblies = 0;     ///< datagrams put together on the way
    bool unknown_payload = false;  ///< ended at a payload type that nobody knows

    /// Counts one more wrapping; false if there are too many.
    bool enter() noexcept {
        if (depth_left == 0) {
            return false;
        }
        --depth_left;
        return true;
    }
    void hide(const Decoded& problem) noexcept {
        ++hidden_problems[std::to_underlying(problem.layer)][std::to_underlying(problem.error)];
    }
    /// `id`: 0 where the tunnel has none; that of the one around it then stays, for it still tells
    /// the hosts of one tenant from those of another.
    void enter_tunnel(std::uint32_t id) noexcept {
        ++packet.tunnel_depth;
        packet.tunnel_id = id != 0 ? id : packet.tunnel_id;
    }
};

constexpr Decoded malformed(Layer layer, base::ParseError error) noexcept {
    return {.kind = FrameKind::malformed, .layer = layer, .error = error};
}
/// A header that does not fit into its region: cut by the capture, or contradicting it.
constexpr Decoded too_short(Layer layer, Region region) noexcept {
    return malformed(layer,
                     region.cut() ? base::ParseError::truncated : base::ParseError::bad_length);
}
constexpr Decoded too_deep(Layer layer) noexcept {
    return malformed(layer, base::ParseError::limit);
}
constexpr Decoded complete(Layer layer) noexcept {
    return {.kind = FrameKind::packet, .layer = layer, .error = {}};
}
/// A packet whose addresses and ports stand although its transport header is wrong.
constexpr Decoded damaged(Layer layer, base::ParseError error) noexcept {
    return {.kind = FrameKind::packet, .layer = layer, .error = error, .damaged = true};
}
constexpr Decoded not_ip(Layer layer) noexcept {
    return {.kind = FrameKind::not_ip, .layer = layer, .error = {}};
}
/// Not IP, and no protocol that is known to occur there either.
inline Decoded unknown_payload(Walk& walk, Layer layer) noexcept {
    walk.unknown_payload = true;
    return not_ip(layer);
}

// link.cpp
Decoded decode_link(Walk& walk, std::uint32_t link_type, Region region) noexcept;
// ethernet.cpp
Decoded decode_ethernet(Walk& walk, Region region) noexcept;
Decoded decode_ether_type(Walk& walk, std::uint16_t type, Region region) noexcept;
/// Whether the region starts with an Ethernet header whose type is one we know.
bool probe_ethernet(Region region) noexcept;
// llc.cpp
Decoded decode_llc(Walk& walk, Region region) noexcept;
bool probe_llc(base::Bytes bytes) noexcept;
// wifi.cpp
Decoded decode_wifi(Walk& walk, Region region) noexcept;
Decoded decode_radiotap(Walk& walk, Region region) noexcept;
Decoded decode_ppi(Walk& walk, Region region) noexcept;
Decoded decode_prism(Walk& walk, Region region) noexcept;
// mpls.cpp
Decoded decode_mpls(Walk& walk, Region region) noexcept;
// ppp.cpp
Decoded decode_ppp(Walk& walk, Region region) noexcept;
Decoded decode_pppoe(Walk& walk, Region region) noexcept;
Decoded decode_cisco_hdlc(Walk& walk, Region region) noexcept;
Decoded decode_frame_relay(Walk& walk, Region region) noexcept;
// ip.cpp
/// IPv4 or IPv6, as the first four bits say.
Decoded decode_ip(Walk& walk, Region region) noexcept;
Decoded decode_ipv4(Walk& walk, Region region) noexcept;
Decoded decode_ipv6(Walk& walk, Region region) noexcept;
/// Whether the region starts with an IP header whose lengths fit into it.
bool probe_ip(Region region) noexcept;
/// Whether it is that and nothing more, as in a datagram of its own.
bool probe_whole_ip(Region region) noexcept;
/// What follows the last IP header.
Decoded decode_ip_payload(Walk& walk, std::uint8_t protocol, Region region) noexcept;
// transport.cpp
Decoded decode_tcp(Walk& walk, Region region) noexcept;
Decoded decode_udp(Walk& walk, Region region) noexcept;
// icmp.cpp
Decoded decode_icmp(Walk& walk, Region region) noexcept;
Decoded decode_icmpv6(Walk& walk, Region region) noexcept;
// tunnel_gre.cpp
Decoded decode_gre(Walk& walk, Region region) noexcept;
// tunnel_nsh.cpp
Decoded decode_nsh(Walk& walk, Region region) noexcept;

}  // namespace turnpike::wire
