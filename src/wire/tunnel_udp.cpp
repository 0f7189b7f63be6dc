// Tunnels over UDP: the choice by port, and what happens if the inside is damaged.
#include "wire/tunnel_udp.h"

#include "wire/ethernet.h"

namespace turnpike::wire {
namespace {

/// RFC 8086 3: GRE at once. Its header is hardly more than a type, so only usual ones count.
std::optional<Tunnel> probe_gre(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t flags = cursor.u16();
    const std::uint16_t type = cursor.u16();
    const bool usual = type == ether_type::ipv4 || type == ether_type::ipv6 ||
                       type == ether_type::bridged_ethernet || type == ether_type::mpls;
    // RFC 2784 2.2, RFC 2890 2: only checksum, key and sequence bits may be set.
    if (!cursor.ok() || !usual || (flags & ~0xb000U) != 0) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::gre, .decode = decode_gre, .inner = region};
}

/// RFC 7510 3: a label stack at once. Nothing in it could be told from noise, so what lies below
/// must bear it out.
std::optional<Tunnel> probe_mpls(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    bool bottom = false;
    while (!bottom) {
        const std::uint32_t entry = cursor.u32();
        if (!cursor.ok() || (entry & 0xffU) == 0) {  // RFC 3032 2.4: time to live is never zero
            return std::nullopt;
        }
        bottom = (entry & 0x100U) != 0;
    }
    const Region below = region.after(cursor.position());
    if (!probe_whole_ip(below) && !probe_ethernet(below)) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::mpls, .decode = decode_mpls, .inner = region};
}

std::optional<Tunnel> probe_port(std::uint16_t port, Region region) noexcept {
    switch (port) {
        case tunnel_port::l2tp:
            return probe_l2tp(region);
        case tunnel_port::gtp_user:
            return probe_gtp(region);
        case tunnel_port::teredo:
            return probe_teredo(region);
        case tunnel_port::lisp_data:
            return probe_lisp(region);
        case tunnel_port::gre:
            return probe_gre(region);
        case tunnel_port::vxlan:
        case tunnel_port::vxlan_linux:
            return probe_vxlan(region);
        case tunnel_port::vxlan_gpe:
            return probe_vxlan_gpe(region);
        case tunnel_port::capwap_data:
            return probe_capwap(region);
        case tunnel_port::geneve:
            return probe_geneve(region);
        case tunnel_port::mpls:
            return probe_mpls(region);
        case tunnel_port::tzsp:
            return probe_tzsp(region);
        default:
            return std::nullopt;
    }
}

/// Whether the inside bears out what the tunnel's header promised.
bool convincing(const Walk& walk, const Decoded& inner, Region region) noexcept {
    switch (inner.kind) {
        case FrameKind::packet:
        case FrameKind::fragment:
            return true;
        case FrameKind::not_ip:
            return !walk.unknown_payload;
        case FrameKind::malformed:
            // Cut by the snap length, or nested too deep: nothing speaks against it.
            return inner.error == base::ParseError::limit ||
                   (inner.error == base::ParseError::truncated && region.cut());
        case FrameKind::unknown_link_type:
            return false;
    }
    return false;
}

}  // namespace

Decoded decode_udp_tunnel(Walk& walk, Region payload) noexcept {
    const Packet datagram = walk.packet;
    const unsigned reassemblies = walk.reassemblies;
    for (const std::uint16_t port : {datagram.destination_port, datagram.source_port}) {
        const std::optional<Tunnel> tunnel = probe_port(port, payload);
        if (!tunnel) {
            continue;
        }
        if (!walk.enter()) {
            return too_deep(tunnel->layer);
        }
        walk.unknown_payload = false;
        walk.enter_tunnel(tunnel->id);
        const Decoded inner = tunnel->decode(walk, tunnel->inner);
        // Once the inside has used the reassembly buffer, the datagram may no longer be there.
        if (convincing(walk, inner, payload) || walk.reassemblies != reassemblies) {
            return inner;
        }
        if (inner.kind == FrameKind::malformed) {
            walk.hide(inner);
        }
        walk.unknown_payload = false;
        walk.packet = datagram;
    }
    return complete(Layer::udp);
}

}  // namespace turnpike::wire
