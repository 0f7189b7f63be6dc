// IEEE 802.11 data frames (9.3.2) and the headers that capture tools put before them: radiotap,
// Prism and AVS, Per-Packet Information. Encrypted frames and fragments of frames are not IP.
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

// Frame control, first octet (9.2.4.1).
constexpr std::uint8_t version_and_type_mask = 0x0f;
constexpr std::uint8_t data_frame = 0x08;
constexpr std::uint8_t without_data = 0x40;
constexpr std::uint8_t quality_of_service = 0x80;
// Frame control, second octet.
constexpr std::uint8_t to_distribution = 0x01;
constexpr std::uint8_t from_distribution = 0x02;
constexpr std::uint8_t protected_frame = 0x40;
constexpr std::uint8_t order = 0x80;

constexpr std::uint32_t avs_magic = 0x80211000;
constexpr std::uint32_t avs_magic_mask = 0xfffff000;

bool is_data(std::uint8_t control) noexcept {
    return (control & version_and_type_mask) == data_frame;
}

/// 9.3.2.2: several frames in one, each with its addresses and length; the first is taken.
Decoded decode_aggregate(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(12);
    const std::uint16_t length = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::wifi, region);
    }
    return decode_llc(walk, region.after(14).limited(length));
}

}  // namespace

Decoded decode_wifi(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::wifi);
    }
    base::Cursor cursor(region.bytes());
    std::uint8_t control = cursor.u8();
    std::uint8_t flags = cursor.u8();
    if (!is_data(control) && is_data(flags)) {
        std::swap(control, flags);  // some access points put the two octets the other way round
    }
    if (cursor.ok() && (!is_data(control) || (control & without_data) != 0)) {
        return not_ip(Layer::wifi);
    }
    cursor.skip(20);  // duration, three addresses
    const unsigned fragment = cursor.u16_le() & 0x0fU;
    const bool relayed = (flags & to_distribution) != 0 && (flags & from_distribution) != 0;
    cursor.skip(relayed ? 6 : 0);  // the fourth address
    const bool has_qos = (control & quality_of_service) != 0;
    const std::uint16_t qos = has_qos ? cursor.u16_le() : std::uint16_t{0};
    cursor.skip(has_qos && (flags & order) != 0 ? 4 : 0);  // 9.2.4.6: HT control
    if (!cursor.ok()) {
        return too_short(Layer::wifi, region);
    }
    if ((flags & protected_frame) != 0 || fragment != 0) {
        return not_ip(Layer::wifi);
    }
    const Region inner = region.after(cursor.position());
    const bool aggregate = (qos & 0x80U) != 0;  // 9.2.4.5.9
    return aggregate ? decode_aggregate(walk, inner) : decode_llc(walk, inner);
}

Decoded decode_radiotap(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t version = cursor.u8();
    cursor.skip(1);
    const std::uint16_t length = cursor.u16_le();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    if (version != 0) {
        return malformed(Layer::link, base::ParseError::bad_version);
    }
    return decode_wifi(walk, region.after(length));
}

Decoded decode_prism(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t magic = cursor.u32();
    const bool is_avs = (magic & avs_magic_mask) == avs_magic;
    const std::uint32_t length = is_avs ? cursor.u32() : cursor.u32_le();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_wifi(walk, region.after(length));
}

Decoded decode_ppi(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(2);  // version, flags
    const std::uint16_t length = cursor.u16_le();
    const std::uint32_t link_type = cursor.u32_le();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_link(walk, link_type, region.after(length));
}

}  // namespace turnpike::wire
