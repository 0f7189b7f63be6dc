// What one frame's decoding carries from header to header, and the functions that hand over to each
// other. A header's function checks its own octets, notes what matters in the packet, and calls the
// function of what it wraps; the last one decides what became of the frame.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "turnpike/base/bytes.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/wire/decoder.h"
#include "turnpike/wire/packet.h"

namespace turnpike::wire {

/// A header and everything after it: the octets captured, and how many there were on the wire.
struct Region {
    base::Bytes bytes;
    std::uint32_t length = 0;  ///< at least bytes.size(); more if the capture cut the end

    /// What follows the first `count` octets; `count` must not exceed what was captured.
    [[nodiscard]] Region after(std::size_t count) const noexcept {
        return {bytes.subspan(count), length - static_cast<std::uint32_t>(count)};
    }
    /// The region as a length field inside it tells: without trailing padding, and cut if the field
    /// promises more than there is.
    [[nodiscard]] Region limited(std::uint32_t count) const noexcept {
        return {bytes.first(std::min<std::size_t>(bytes.size(), count)), count};
    }
    [[nodiscard]] constexpr bool cut() const noexcept { return bytes.size() < length; }
};

/// The state of decoding one frame.
struct Walk {
    Packet& packet;
    FragmentTable& fragments;
    ProblemCounts& problems;
    unsigned depth_left;
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
    void count(const Decoded& problem) noexcept {
        ++problems[std::to_underlying(problem.layer)][std::to_underlying(problem.error)];
    }
    void enter_tunnel(std::uint32_t id) noexcept {
        ++packet.tunnel_depth;
        packet.tunnel_id = id;
    }
};

constexpr Decoded malformed(Layer layer, base::ParseError error) noexcept {
    return {.kind = FrameKind::malformed, .layer = layer, .error = error};
}
/// A header that does not fit into its region: cut by the capture, or contradicting it.
constexpr Decoded too_short(Layer layer, const Region& region) noexcept {
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
Decoded decode_link(Walk& walk, std::uint32_t link_type, const Region& region) noexcept;
// ethernet.cpp
Decoded decode_ethernet(Walk& walk, const Region& region) noexcept;
Decoded decode_ether_type(Walk& walk, std::uint16_t type, const Region& region) noexcept;
/// Whether the region starts with an Ethernet header whose type is one we know.
bool probe_ethernet(const Region& region) noexcept;
// llc.cpp
Decoded decode_llc(Walk& walk, const Region& region) noexcept;
bool probe_llc(base::Bytes bytes) noexcept;
// wifi.cpp
Decoded decode_wifi(Walk& walk, const Region& region) noexcept;
Decoded decode_radiotap(Walk& walk, const Region& region) noexcept;
Decoded decode_ppi(Walk& walk, const Region& region) noexcept;
Decoded decode_prism(Walk& walk, const Region& region) noexcept;
// mpls.cpp
Decoded decode_mpls(Walk& walk, const Region& region) noexcept;
// ppp.cpp
Decoded decode_ppp(Walk& walk, const Region& region) noexcept;
Decoded decode_pppoe(Walk& walk, const Region& region) noexcept;
Decoded decode_cisco_hdlc(Walk& walk, const Region& region) noexcept;
Decoded decode_frame_relay(Walk& walk, const Region& region) noexcept;
// ip.cpp
/// IPv4 or IPv6, as the first four bits say.
Decoded decode_ip(Walk& walk, const Region& region) noexcept;
Decoded decode_ipv4(Walk& walk, const Region& region) noexcept;
Decoded decode_ipv6(Walk& walk, const Region& region) noexcept;
/// Whether the region starts with an IP header whose lengths fit into it.
bool probe_ip(const Region& region) noexcept;
/// What follows the last IP header.
Decoded decode_ip_payload(Walk& walk, std::uint8_t protocol, const Region& region) noexcept;
// transport.cpp
Decoded decode_tcp(Walk& walk, const Region& region) noexcept;
Decoded decode_udp(Walk& walk, const Region& region) noexcept;
// icmp.cpp
Decoded decode_icmp(Walk& walk, const Region& region) noexcept;
Decoded decode_icmpv6(Walk& walk, const Region& region) noexcept;
// tunnel_gre.cpp
Decoded decode_gre(Walk& walk, const Region& region) noexcept;
// tunnel_nsh.cpp
Decoded decode_nsh(Walk& walk, const Region& region) noexcept;

}  // namespace turnpike::wire
