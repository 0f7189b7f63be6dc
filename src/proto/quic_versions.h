// What differs between the versions of QUIC: salts and labels of Initial keys, numbers of packet
// types (RFC 9001 5, RFC 9369 3, the drafts, and private versions).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "turnpike/proto/quic.h"

namespace turnpike::proto {

inline constexpr std::size_t max_quic_id = 20;  ///< octets of a connection id, RFC 9000 17.2

/// A version whose Initials can be opened.
struct QuicVersionTraits {
    std::array<std::uint8_t, 20> salt;
    std::string_view key_label;
    std::string_view iv_label;
    std::string_view header_protection_label;
    bool google_frames = false;  ///< frame types of Google's own (decode_q050_frame)
    bool second_types = false;   ///< RFC 9369 3.2: other numbers for the types of long packets
};

/// The traits of a version; none for those whose Initials have no known salt.
const QuicVersionTraits* quic_version_traits(std::uint32_t version) noexcept;

}  // namespace turnpike::proto
