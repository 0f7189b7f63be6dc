// MPLS label stacks (RFC 3032 2.1). What lies below is not announced: IPv4, IPv6, or an Ethernet
// pseudo-wire (RFC 4448) with or without a control word (RFC 4385 3).
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

constexpr std::size_t control_word = 4;

Decoded decode_below(Walk& walk, Region region) noexcept {
    constexpr std::size_t needed = control_word + 14 + 4;  // to tell Ethernet and what is in it
    if (region.bytes().empty() || (region.cut() && region.captured() < needed)) {
        return too_short(Layer::mpls, region);
    }
    // RFC 4928 2: the first four bits are taken for the IP version, and pseudo-wires should avoid
    // 4 and 6; those that do not (a station address starts with them) fail the length checks.
    const unsigned nibble = region.bytes()[0] >> 4U;
    if ((nibble == 4 || nibble == 6) && (probe_ip(region) || !probe_ethernet(region))) {
        return decode_ip(walk, region);
    }
    // A station address that starts with 0 looks like a control word, so both are tried.
    if (nibble == 0 && region.captured() > control_word &&
        probe_ethernet(region.after(control_word))) {
        return decode_ethernet(walk, region.after(control_word));
    }
    if (nibble == 1) {
        return not_ip(Layer::mpls);  // RFC 4385 5: an associated channel
    }
    return probe_ethernet(region) ? decode_ethernet(walk, region)
                                  : unknown_payload(walk, Layer::mpls);
}

}  // namespace

Decoded decode_mpls(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    bool bottom = false;
    while (!bottom) {
        if (!walk.enter()) {
            return too_deep(Layer::mpls);
        }
        const std::uint32_t entry = cursor.u32();
        if (!cursor.ok()) {
            return too_short(Layer::mpls, region);
        }
        bottom = (entry & 0x100U) != 0;  // S, RFC 3032 2.1
    }
    return decode_below(walk, region.after(cursor.position()));
}

}  // namespace turnpike::wire
