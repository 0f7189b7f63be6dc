// The LINKTYPE_ registry as far as reading files needs it (www.tcpdump.org/linktypes.html,
// draft-ietf-opsawg-pcaplinktype).
#pragma once

#include <cstdint>

namespace turnpike::capture {

/// The LINKTYPE_ value behind what a file says. Some systems wrote their own DLT_ value instead,
/// and pcap keeps the length of the frame check sequence in the upper bits of the field.
std::uint32_t link_type_from_file(std::uint32_t field) noexcept;

/// The longest record that can be real for a link type, in octets; a longer one means that the file
/// is damaged.
std::uint32_t longest_record(std::uint32_t link_type) noexcept;

}  // namespace turnpike::capture
