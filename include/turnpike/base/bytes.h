// A view of octets as captured.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace turnpike::base {

/// Octets that somebody else owns; valid only as long as the owner says.
using Bytes = std::span<const std::uint8_t>;

/// The same octets seen as text, without any conversion; valid as long as they are.
inline std::string_view as_text(Bytes bytes) noexcept {
    // The only way to view octets as characters without a copy.
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Text seen as octets; valid as long as the text is.
inline Bytes as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace turnpike::base
