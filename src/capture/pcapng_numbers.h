// Numbers of the pcapng format that reader and writer share (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstdint>

namespace turnpike::capture::pcapng {

// Block types, section 11.1.
inline constexpr std::uint32_t section_header = 0x0A0D0D0A;
inline constexpr std::uint32_t interface_description = 1;
inline constexpr std::uint32_t obsolete_packet = 2;
inline constexpr std::uint32_t simple_packet = 3;
inline constexpr std::uint32_t interface_statistics = 5;
inline constexpr std::uint32_t enhanced_packet = 6;

inline constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;

// Options, sections 3.5, 4.2, 4.3, 4.6 and appendix A.
inline constexpr std::uint16_t end_of_options = 0;
inline constexpr std::uint16_t opt_comment = 1;
inline constexpr std::uint16_t if_tsresol = 9;
inline constexpr std::uint16_t if_tsoffset = 14;
inline constexpr std::uint16_t epb_dropcount = 4;
inline constexpr std::uint16_t isb_starttime = 2;
inline constexpr std::uint16_t isb_ifdrop = 5;
inline constexpr std::uint16_t isb_osdrop = 7;

}  // namespace turnpike::capture::pcapng
