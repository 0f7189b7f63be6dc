// Generic Routing Encapsulation: version 0 (RFC 2784 2, RFC 2890 2), version 1 (PPTP, RFC
// 2637 4.1), NVGRE (RFC 7637 3.2), and the mirrored frames of ERSPAN (draft-foschiano-erspan-03 4).
#include "wire/ethernet.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

constexpr std::uint16_t checksum_present = 0x8000;
constexpr std::uint16_t routing_present = 0x4000;
constexpr std::uint16_t key_present = 0x2000;
constexpr std::uint16_t sequence_present = 0x1000;
constexpr std::uint16_t acknowledgment_present = 0x0080;  // version 1
constexpr std::uint16_t version_mask = 0x0007;

// Wireless controllers of one vendor carry 802.11 frames under a type per access-point radio.
constexpr std::uint16_t first_wireless_type = 0x8200;
constexpr std::uint16_t last_wireless_type = 0x82ff;

constexpr std::uint32_t erspan_2_version = 1;
constexpr std::uint32_t erspan_3_version = 2;
constexpr std::uint16_t frame_type_ethernet = 0;
constexpr std::uint16_t frame_type_ip = 2;

/// The first word that both versions share: version, VLAN of the mirrored frame, class, session.
void note_session(Walk& walk, std::uint32_t first) noexcept {
    walk.enter_tunnel(first & 0x3ffU);
    walk.packet.vlan_id = (first >> 16U) & 0x0fffU;
}

/// Draft 4.2: version, VLAN, class, encapsulation, truncated, session; reserved, port index.
Decoded decode_erspan_2(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t first = cursor.u32();
    cursor.skip(4);
    if (!cursor.ok()) {
        return too_short(Layer::erspan, region);
    }
    note_session(walk, first);
    return decode_ethernet(walk, region.after(8));
}

/// Draft 4.3: the same first word; timestamp; group tag, P, frame type, hardware, D, granularity,
/// and O: eight octets more.
Decoded decode_erspan_3(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t first = cursor.u32();
    cursor.skip(4 + 2);
    const std::uint16_t flags = cursor.u16();
    cursor.skip((flags & 1U) != 0 ? 8 : 0);
    if (!cursor.ok()) {
        return too_short(Layer::erspan, region);
    }
    note_session(walk, first);
    const Region inner = region.after(cursor.position());
    switch ((flags >> 10U) & 0x1fU) {
        case frame_type_ethernet:
            return decode_ethernet(walk, inner);
        case frame_type_ip:
            return decode_ip(walk, inner);
        default:
            return not_ip(Layer::erspan);
    }
}

Decoded decode_erspan(Walk& walk, bool numbered, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::erspan);
    }
    if (!numbered) {  // draft 4.1: type I has neither sequence number nor a header of its own
        walk.enter_tunnel(0);
        return decode_ethernet(walk, region);
    }
    if (region.bytes().empty()) {
        return too_short(Layer::erspan, region);
    }
    switch (region.bytes()[0] >> 4U) {
        case erspan_2_version:
            return decode_erspan_2(walk, region);
        case erspan_3_version:
            return decode_erspan_3(walk, region);
        default:
            return malformed(Layer::erspan, base::ParseError::bad_version);
    }
}

/// WCCP: the redirect header of version 2 (four octets) stands before the IP header, or not.
Decoded decode_redirected(Walk& walk, Region region) noexcept {
    constexpr std::size_t redirect_header = 4;
    if (region.captured() < redirect_header + 4) {
        return too_short(Layer::gre, region);
    }
    return decode_ip(walk, probe_ip(region) ? region : region.after(redirect_header));
}

/// RFC 1701: source route entries, each with family, offset and length, up to an empty one.
void skip_routing(base::Cursor& cursor) noexcept {
    std::uint8_t length = 0;
    do {
        cursor.skip(3);
        length = cursor.u8();
        cursor.skip(length);
    } while (cursor.ok() && length != 0);
}

Decoded decode_carried(Walk& walk, std::uint16_t flags, std::uint16_t type, std::uint32_t key,
                       Region region) noexcept {
    if (type == ether_type::erspan_2) {
        return decode_erspan(walk, (flags & sequence_present) != 0, region);
    }
    if (type == ether_type::erspan_3) {
        return decode_erspan(walk, true, region);
    }
    // RFC 7637 3.2: NVGRE's subnet identifier is the upper 24 bits of the key.
    const bool nvgre = type == ether_type::bridged_ethernet && (flags & key_present) != 0;
    walk.enter_tunnel(nvgre ? key >> 8U : key);
    if (type >= first_wireless_type && type <= last_wireless_type) {
        return decode_wifi(walk, region);
    }
    if (region.bytes().empty() && !region.cut()) {
        return not_ip(Layer::gre);  // a keepalive
    }
    return type == ether_type::wccp ? decode_redirected(walk, region)
                                    : decode_ether_type(walk, type, region);
}

Decoded decode_version_0(Walk& walk, std::uint16_t flags, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(2);
    const std::uint16_t type = cursor.u16();
    cursor.skip((flags & (checksum_present | routing_present)) != 0 ? 4 : 0);
    const std::uint32_t key = (flags & key_present) != 0 ? cursor.u32() : 0;
    cursor.skip((flags & sequence_present) != 0 ? 4 : 0);
    if ((flags & routing_present) != 0) {
        skip_routing(cursor);
    }
    if (!cursor.ok()) {
        return too_short(Layer::gre, region);
    }
    return decode_carried(walk, flags, type, key, region.after(cursor.position()));
}

/// RFC 2637 4.1: the key holds payload length and call; acknowledgements may come alone.
Decoded decode_version_1(Walk& walk, std::uint16_t flags, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(4);
    const std::uint16_t length = cursor.u16();
    const std::uint16_t call = cursor.u16();
    cursor.skip((flags & sequence_present) != 0 ? 4 : 0);
    cursor.skip((flags & acknowledgment_present) != 0 ? 4 : 0);
    if (!cursor.ok()) {
        return too_short(Layer::gre, region);
    }
    if ((flags & sequence_present) == 0 || length == 0) {
        return not_ip(Layer::gre);
    }
    walk.enter_tunnel(call);
    return decode_ppp(walk, region.after(cursor.position()).limited(length));
}

}  // namespace

Decoded decode_gre(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::gre);
    }
    base::Cursor cursor(region.bytes());
    const std::uint16_t flags = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::gre, region);
    }
    switch (flags & version_mask) {
        case 0:
            return decode_version_0(walk, flags, region);
        case 1:
            return decode_version_1(walk, flags, region);
        default:
            return malformed(Layer::gre, base::ParseError::bad_version);
    }
}

}  // namespace turnpike::wire
