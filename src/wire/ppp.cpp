// Point-to-point links: PPP (RFC 1661 2) with or without HDLC framing (RFC 1662 3.1), PPPoE
// (RFC 2516 4), Cisco HDLC, and Frame Relay (RFC 2427).
#include "wire/ethernet.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

// PPP protocol numbers (IANA).
constexpr std::uint16_t ppp_ipv4 = 0x0021;
constexpr std::uint16_t ppp_ipv6 = 0x0057;
constexpr std::uint16_t ppp_mpls = 0x0281;
constexpr std::uint16_t ppp_mpls_multicast = 0x0283;
constexpr std::uint16_t ppp_multilink = 0x003d;
constexpr std::uint16_t ppp_compressed = 0x00fd;
constexpr std::uint16_t first_control_protocol = 0x8000;  // RFC 1661 2: network and link control

constexpr std::uint8_t all_stations = 0xff;  // RFC 1662 3.1
constexpr std::uint8_t unnumbered = 0x03;
constexpr std::uint8_t cisco_unicast = 0x0f;
constexpr std::uint8_t cisco_multicast = 0x8f;

// Network Layer Protocol Identifiers (RFC 2427 3).
constexpr std::uint8_t nlpid_snap = 0x80;
constexpr std::uint8_t nlpid_ipv6 = 0x8e;
constexpr std::uint8_t nlpid_ipv4 = 0xcc;
constexpr std::uint8_t nlpid_ppp = 0xcf;  // RFC 1973

Decoded decode_ppp_protocol(Walk& walk, std::uint16_t protocol, Region region) noexcept {
    switch (protocol) {
        case ppp_ipv4:
            return decode_ipv4(walk, region);
        case ppp_ipv6:
            return decode_ipv6(walk, region);
        case ppp_mpls:
        case ppp_mpls_multicast:
            return decode_mpls(walk, region);
        case ppp_multilink:
        case ppp_compressed:
            return not_ip(Layer::ppp);
        default:
            return protocol >= first_control_protocol ? not_ip(Layer::ppp)
                                                      : unknown_payload(walk, Layer::ppp);
    }
}

/// RFC 2427 4.1: the SNAP header without the LLC octets before it.
Decoded decode_relay_snap(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t oui = cursor.u24();
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::frame_relay, region);
    }
    return oui == 0 ? decode_ether_type(walk, type, region.after(5)) : not_ip(Layer::frame_relay);
}

}  // namespace

Decoded decode_ppp(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::ppp);
    }
    if (region.captured() < 2) {
        return too_short(Layer::ppp, region);
    }
    base::Cursor cursor(region.bytes());
    if (cursor.peek(0) == all_stations && cursor.peek(1) == unnumbered) {
        cursor.skip(2);
    }
    std::uint16_t protocol = cursor.u8();
    if ((protocol & 1U) == 0) {  // RFC 1661 6.5: odd in the first octet means that it is compressed
        protocol = static_cast<std::uint16_t>((protocol << 8U) | cursor.u8());
    }
    if (!cursor.ok()) {
        return too_short(Layer::ppp, region);
    }
    return decode_ppp_protocol(walk, protocol, region.after(cursor.position()));
}

Decoded decode_pppoe(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t version_and_type = cursor.u8();
    const std::uint8_t code = cursor.u8();
    cursor.skip(2);  // session
    const std::uint16_t length = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::pppoe, region);
    }
    if (version_and_type != 0x11) {  // RFC 2516 4: both are 1
        return malformed(Layer::pppoe, base::ParseError::bad_version);
    }
    if (code != 0) {  // RFC 2516 6: session data has code 0
        return not_ip(Layer::pppoe);
    }
    return decode_ppp(walk, region.after(6).limited(length));
}

Decoded decode_cisco_hdlc(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t address = cursor.u8();
    cursor.skip(1);
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    if (address != cisco_unicast && address != cisco_multicast) {
        return decode_ppp(walk, region);
    }
    return decode_ether_type(walk, type, region.after(4));
}

Decoded decode_frame_relay(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::frame_relay);
    }
    base::Cursor cursor(region.bytes());
    cursor.skip(1);
    // Q.922 3.2: two to four octets of address, the last one is odd.
    for (unsigned i = 0; i < 3 && (cursor.u8() & 1U) == 0; ++i) {
    }
    if (cursor.peek(0) != unnumbered) {  // Cisco's own encapsulation: the EtherType follows at once
        const std::uint16_t type = cursor.u16();
        return cursor.ok() ? decode_ether_type(walk, type, region.after(cursor.position()))
                           : too_short(Layer::frame_relay, region);
    }
    cursor.skip(1);
    std::uint8_t protocol = cursor.u8();
    if (protocol == 0) {  // RFC 2427 3: one octet of padding
        protocol = cursor.u8();
    }
    if (!cursor.ok()) {
        return too_short(Layer::frame_relay, region);
    }
    const Region inner = region.after(cursor.position());
    switch (protocol) {
        case nlpid_ipv4:
            return decode_ipv4(walk, inner);
        case nlpid_ipv6:
            return decode_ipv6(walk, inner);
        case nlpid_snap:
            return decode_relay_snap(walk, inner);
        case nlpid_ppp:
            return decode_ppp(walk, inner);
        default:
            return not_ip(Layer::frame_relay);
    }
}

}  // namespace turnpike::wire
