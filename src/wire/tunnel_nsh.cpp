// Network Service Header (RFC 8300 2): what service chains put before a packet or frame.
#include "wire/walk.h"

namespace turnpike::wire {

Decoded decode_nsh(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::nsh);
    }
    base::Cursor cursor(region.bytes());
    const std::uint16_t first = cursor.u16();
    cursor.skip(1);  // metadata type
    const std::uint8_t next = cursor.u8();
    const std::size_t length = (first & 0x3fU) * std::size_t{4};  // RFC 8300 2.2: in 4-octet words
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::nsh, region);
    }
    if (length < 8) {  // RFC 8300 2.2: base header and service path header are always there
        return malformed(Layer::nsh, base::ParseError::bad_length);
    }
    const Region inner = region.after(length);
    switch (next) {  // RFC 8300 2.2
        case 1:
            return decode_ipv4(walk, inner);
        case 2:
            return decode_ipv6(walk, inner);
        case 3:
            return decode_ethernet(walk, inner);
        case 4:
            return decode_nsh(walk, inner);
        case 5:
            return decode_mpls(walk, inner);
        default:
            return unknown_payload(walk, Layer::nsh);
    }
}

}  // namespace turnpike::wire
