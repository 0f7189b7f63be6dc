// The header of Ethernet (IEEE 802.3 3.2): two addresses and the type, or a length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "turnpike/base/fields.h"
#include "turnpike/wire/packet.h"

namespace turnpike::wire {

inline constexpr std::size_t ethernet_header = 14;
using EthernetHeader = base::Fields<ethernet_header>;

/// What the addresses say that verdicts need.
inline void note_ethernet(Packet& packet, EthernetHeader header) noexcept {
    constexpr std::uint8_t group_bit = 0x01;  // IEEE 802 8.2: of the first octet
    packet.to_group = (header.u8<0>() & group_bit) != 0;
    packet.source_link_address = header.u48<6>();
}

}  // namespace turnpike::wire
