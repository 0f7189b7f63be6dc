// The header of IPv4 (RFC 791 3.1) without its options.
#pragma once

#include <cstddef>
#include <cstdint>

#include "turnpike/base/fields.h"
#include "wire/walk.h"

namespace turnpike::wire {

inline constexpr std::size_t smallest_ipv4_header = 20;
using Ipv4Header = base::Fields<smallest_ipv4_header>;

/// The bits beside the offset of a fragment, of which one says that this is not the last.
inline constexpr std::uint16_t more_fragments = 0x2000;
/// In units of 8 octets.
inline constexpr std::uint16_t fragment_offset = 0x1fff;

/// Whether it is part of a datagram, as the field of flags and offset says.
constexpr bool is_fragment(std::uint16_t flags_and_offset) noexcept {
    return (flags_and_offset & (more_fragments | fragment_offset)) != 0;
}

/// What the header says that verdicts need; `whole` is the packet from it on. The checksum is often
/// left to the network card, so it says nothing.
inline void note_ipv4(Packet& packet, Ipv4Header fields, Region whole) noexcept {
    packet.ip_id = fields.u16<4>();
    packet.hop_limit = fields.u8<8>();
    packet.protocol = fields.u8<9>();
    packet.source.assign(fields.octets<12, 4>());
    packet.destination.assign(fields.octets<16, 4>());
    packet.ip_length = whole.length();
    packet.ip = whole.bytes();
}

}  // namespace turnpike::wire
