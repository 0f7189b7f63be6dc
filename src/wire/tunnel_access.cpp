// Tunnels of access networks over UDP: GTP-U (3GPP TS 29.281 5), Teredo (RFC 4380 5.1.1), L2TP data
// (RFC 2661 3.1).
#include "wire/tunnel_udp.h"

namespace turnpike::wire {
namespace {

constexpr std::uint8_t gtp_user_data = 255;  // TS 29.281 6.1: G-PDU
constexpr std::uint8_t gtp_optional_fields = 0x07;
constexpr std::uint8_t gtp_extension = 0x04;

constexpr std::uint16_t teredo_authentication = 0x0001;  // RFC 4380 5.1.1
constexpr std::uint16_t teredo_origin = 0x0000;

// RFC 2661 3.1.
constexpr std::uint16_t l2tp_control = 0x8000;
constexpr std::uint16_t l2tp_length = 0x4000;
constexpr std::uint16_t l2tp_sequence = 0x0800;
constexpr std::uint16_t l2tp_offset = 0x0200;
constexpr std::uint16_t l2tp_reserved = 0x34f0;

/// TS 29.281 5.2.1: each extension has its length in units of 4 octets and ends with the next type.
void skip_gtp_extensions(base::Cursor& cursor, std::uint8_t next) noexcept {
    while (cursor.ok() && next != 0) {
        const std::size_t length = cursor.u8() * std::size_t{4};
        if (length == 0) {
            cursor.fail();
            return;
        }
        cursor.skip(length - 2);
        next = cursor.u8();
    }
}

}  // namespace

std::optional<Tunnel> probe_gtp(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t flags = cursor.u8();
    const std::uint8_t type = cursor.u8();
    const std::uint16_t length = cursor.u16();
    const std::uint32_t endpoint = cursor.u32();
    // TS 29.281 5.1: version 1, protocol type 1; the length counts what follows these 8 octets.
    if (!cursor.ok() || flags >> 4U != 3 || type != gtp_user_data ||
        length + std::uint32_t{8} != region.length()) {
        return std::nullopt;
    }
    if ((flags & gtp_optional_fields) != 0) {
        cursor.skip(3);  // sequence number, N-PDU number
        const std::uint8_t next = cursor.u8();
        skip_gtp_extensions(cursor, (flags & gtp_extension) != 0 ? next : std::uint8_t{0});
    }
    if (!cursor.ok()) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::gtp,
                  .decode = decode_ip,
                  .id = endpoint,
                  .inner = region.after(cursor.position())};
}

std::optional<Tunnel> probe_teredo(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    if (cursor.remaining() >= 4 && base::Cursor(cursor.rest()).u16() == teredo_authentication) {
        cursor.skip(2);
        const std::size_t identifier = cursor.u8();
        const std::size_t value = cursor.u8();
        cursor.skip(identifier + value + 8 + 1);  // nonce, confirmation
    }
    if (cursor.remaining() >= 8 && base::Cursor(cursor.rest()).u16() == teredo_origin) {
        cursor.skip(8);  // port and address, both inverted
    }
    if (!cursor.ok()) {
        return std::nullopt;
    }
    const Region inner = region.after(cursor.position());
    if (inner.bytes().empty() || inner.bytes()[0] >> 4U != 6 || !probe_ip(inner)) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::teredo, .decode = decode_ipv6, .id = 0, .inner = inner};
}

std::optional<Tunnel> probe_l2tp(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t flags = cursor.u16();
    // RFC 2661 3.1: version 2, reserved bits zero; control messages are no packets.
    if ((flags & 0x0fU) != 2 || (flags & (l2tp_control | l2tp_reserved)) != 0) {
        return std::nullopt;
    }
    const std::uint32_t length = (flags & l2tp_length) != 0 ? cursor.u16() : region.length();
    const std::uint32_t ids = cursor.u32();
    cursor.skip((flags & l2tp_sequence) != 0 ? 4 : 0);
    if ((flags & l2tp_offset) != 0) {
        cursor.skip(cursor.u16());
    }
    if (!cursor.ok() || length > region.length() || length < cursor.position()) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::l2tp,
                  .decode = decode_ppp,
                  .id = ids,
                  .inner = region.limited(length).after(cursor.position())};
}

}  // namespace turnpike::wire
