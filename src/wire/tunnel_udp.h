// Tunnels over UDP. A port alone proves nothing: each protocol has a probe that also checks its
// header, and a datagram whose inside then turns out not to be what the header says stays what it
// is, a datagram.
#pragma once

#include <cstdint>
#include <optional>

#include "wire/walk.h"

namespace turnpike::wire {

/// UDP ports of tunnels (IANA, and two that are in common use without being registered).
namespace tunnel_port {
inline constexpr std::uint16_t l2tp = 1701;
inline constexpr std::uint16_t gtp_user = 2152;
inline constexpr std::uint16_t teredo = 3544;
inline constexpr std::uint16_t lisp_data = 4341;
inline constexpr std::uint16_t gre = 4754;  // RFC 8086 8
inline constexpr std::uint16_t vxlan = 4789;
inline constexpr std::uint16_t vxlan_gpe = 4790;
inline constexpr std::uint16_t capwap_data = 5247;
inline constexpr std::uint16_t geneve = 6081;
inline constexpr std::uint16_t mpls = 6635;         // RFC 7510 5
inline constexpr std::uint16_t vxlan_linux = 8472;  // Linux before the registration, and OTV
inline constexpr std::uint16_t tzsp = 37008;
}  // namespace tunnel_port

/// Whether some tunnel uses the port; for every datagram, so it must be cheap.
constexpr bool is_tunnel_port(std::uint16_t port) noexcept {
    switch (port) {
        case tunnel_port::l2tp:
        case tunnel_port::gtp_user:
        case tunnel_port::teredo:
        case tunnel_port::lisp_data:
        case tunnel_port::gre:
        case tunnel_port::vxlan:
        case tunnel_port::vxlan_gpe:
        case tunnel_port::capwap_data:
        case tunnel_port::geneve:
        case tunnel_port::mpls:
        case tunnel_port::vxlan_linux:
        case tunnel_port::tzsp:
            return true;
        default:
            return false;
    }
}

/// Whether the ports of a datagram are a tunnel's.
constexpr bool is_tunnel(const Packet& datagram) noexcept {
    return is_tunnel_port(datagram.source_port) || is_tunnel_port(datagram.destination_port);
}

/// A plausible tunnel header: what it announces, and the octets after it.
struct Tunnel {
    using Decoder = Decoded (*)(Walk&, Region) noexcept;
    Layer layer = Layer::udp;
    Decoder decode = nullptr;
    std::uint32_t id = 0;
    Region inner;
};

std::optional<Tunnel> probe_vxlan(Region region) noexcept;
std::optional<Tunnel> probe_vxlan_gpe(Region region) noexcept;
std::optional<Tunnel> probe_geneve(Region region) noexcept;
std::optional<Tunnel> probe_gtp(Region region) noexcept;
std::optional<Tunnel> probe_teredo(Region region) noexcept;
std::optional<Tunnel> probe_l2tp(Region region) noexcept;
std::optional<Tunnel> probe_lisp(Region region) noexcept;
std::optional<Tunnel> probe_tzsp(Region region) noexcept;
std::optional<Tunnel> probe_capwap(Region region) noexcept;

/// A datagram, noted in the walk's packet, one of whose ports is a tunnel's: what it carries, or
/// the datagram itself.
Decoded decode_udp_tunnel(Walk& walk, Region payload) noexcept;

}  // namespace turnpike::wire
