// Ethernet and everything that an EtherType can announce: VLAN tags (IEEE 802.1Q 9), Provider
// Backbone Bridging (802.1Q 9.7), port extender tags (802.1BR 7.5, VN-Tag), Cisco FabricPath and
// metadata, TRILL (RFC 6325 3).
#include "wire/ethernet.h"

#include "wire/ethernet_header.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

// Below this the field is the length of an LLC frame (IEEE 802.3 3.2.6).
constexpr std::uint16_t smallest_type = 0x0600;
constexpr std::uint16_t largest_length = 1500;

/// 802.1Q 9.6: priority, drop eligible, 12 bits of VLAN identifier; then the next type.
Decoded decode_vlan(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::vlan);
    }
    base::Cursor cursor(region.bytes());
    const std::uint16_t tag = cursor.u16();
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::vlan, region);
    }
    walk.packet.vlan_id = tag & 0x0fffU;
    return decode_ether_type(walk, type, region.after(4));
}

/// A tag of `count` octets that matters only for what follows it.
Decoded skip_tag(Walk& walk, std::size_t count, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::vlan);
    }
    base::Cursor cursor(region.bytes());
    cursor.skip(count);
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::vlan, region);
    }
    return decode_ether_type(walk, type, region.after(count + 2));
}

/// 802.1Q 9.7: flags and the service identifier (24 bits), then the customer's whole frame.
Decoded decode_backbone(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::pbb);
    }
    if (region.captured() < 4) {
        return too_short(Layer::pbb, region);
    }
    return decode_ethernet(walk, region.after(4));
}

/// A fabric's header of `count` octets, then a whole frame.
Decoded decode_fabric(Walk& walk, std::size_t count, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ethernet);
    }
    if (region.captured() < count) {
        return too_short(Layer::ethernet, region);
    }
    return decode_ethernet(walk, region.after(count));
}

/// RFC 6325 3.2: version, flags, op-length in units of 4 octets, hop count; two nicknames.
Decoded decode_trill(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t first = cursor.u16();
    const std::size_t options = ((first >> 6U) & 0x1fU) * std::size_t{4};
    return decode_fabric(walk, 6 + options, region);
}

/// Cisco metadata (TrustSec): version, length, one option with the group tag.
Decoded decode_metadata(Walk& walk, Region region) noexcept {
    return skip_tag(walk, 6, region);
}

Decoded decode_length(Walk& walk, std::uint16_t length, Region region) noexcept {
    if (length > largest_length) {
        return unknown_payload(walk, Layer::ethernet);
    }
    // Some senders leave the length out (zero) or too small; the frame's own end is then the bound.
    return decode_llc(walk,
                      length != 0 && length <= region.length() ? region.limited(length) : region);
}

bool carries_no_ip(std::uint16_t type) noexcept {
    switch (type) {
        case ether_type::arp:
        case ether_type::reverse_arp:
        case ether_type::wake_on_lan:
        case ether_type::cisco_loop:
        case ether_type::slow_protocols:
        case ether_type::ethertalk_arp:
        case ether_type::ipx:
        case ether_type::flow_control:
        case ether_type::pppoe_discovery:
        case ether_type::eapol:
        case ether_type::profinet:
        case ether_type::homeplug:
        case ether_type::macsec:
        case ether_type::lldp:
        case ether_type::cfm:
        case ether_type::ptp:
        case ether_type::fcoe:
        case ether_type::loopback:
            return true;
        default:
            return false;
    }
}

bool known_type(std::uint16_t type) noexcept {
    switch (type) {
        case ether_type::ipv4:
        case ether_type::ipv6:
        case ether_type::vlan:
        case ether_type::service_vlan:
        case ether_type::old_service_vlan:
        case ether_type::mpls:
        case ether_type::mpls_upstream:
        case ether_type::pppoe_session:
        case ether_type::backbone:
        case ether_type::nsh:
            return true;
        default:
            return carries_no_ip(type);
    }
}

}  // namespace

Decoded decode_ether_type(Walk& walk, std::uint16_t type, Region region) noexcept {
    if (type == ether_type::ipv4) [[likely]] {
        return decode_ipv4(walk, region);
    }
    if (type < smallest_type) {
        return decode_length(walk, type, region);
    }
    switch (type) {
        case ether_type::ipv6:
            return decode_ipv6(walk, region);
        case ether_type::vlan:
        case ether_type::service_vlan:
        case ether_type::old_service_vlan:
        case ether_type::older_service_vlan:
            return decode_vlan(walk, region);
        case ether_type::mpls:
        case ether_type::mpls_upstream:
            return decode_mpls(walk, region);
        case ether_type::pppoe_session:
            return decode_pppoe(walk, region);
        case ether_type::ppp:
            return decode_ppp(walk, region);
        case ether_type::bridged_ethernet:
            return decode_ethernet(walk, region);
        case ether_type::jumbo_llc:
            return decode_llc(walk, region);
        case ether_type::backbone:
            return decode_backbone(walk, region);
        case ether_type::port_extender:
            return skip_tag(walk, 6, region);  // 802.1BR 7.5: 6 octets between the two types
        case ether_type::vn_tag:
            return skip_tag(walk, 4, region);
        case ether_type::cisco_metadata:
            return decode_metadata(walk, region);
        case ether_type::fabricpath:
            return decode_fabric(walk, 2, region);  // forwarding tag and time to live
        case ether_type::trill:
            return decode_trill(walk, region);
        case ether_type::nsh:
            return decode_nsh(walk, region);
        default:
            return carries_no_ip(type) ? not_ip(Layer::ethernet)
                                       : unknown_payload(walk, Layer::ethernet);
    }
}

Decoded decode_ethernet(Walk& walk, Region region) noexcept {
    if (!EthernetHeader::fit(region.bytes())) {
        return too_short(Layer::ethernet, region);
    }
    const EthernetHeader header(region.bytes());
    note_ethernet(walk.packet, header);
    return decode_ether_type(walk, header.u16<12>(), region.after(ethernet_header));
}

bool probe_ethernet(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(12);
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return false;
    }
    const Region inner = region.after(ethernet_header);
    if (type == ether_type::ipv4 || type == ether_type::ipv6) {
        return probe_ip(inner);
    }
    if (type < smallest_type) {
        return type <= inner.length() && probe_llc(inner.bytes());
    }
    return known_type(type);
}

}  // namespace turnpike::wire
