// Arithmetic on TCP sequence numbers, which wrap (RFC 9293 3.4).
#pragma once

#include <cstdint>

namespace turnpike::flow {

/// How far `a` is ahead of `b` in sequence space; negative if behind.
constexpr std::int32_t ahead(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b);
}
/// The distance between the two, whichever is ahead.
constexpr std::uint32_t apart(std::uint32_t a, std::uint32_t b) noexcept {
    return a - b < b - a ? a - b : b - a;
}
/// `a` comes earlier than `b` in sequence space.
constexpr bool before(std::uint32_t a, std::uint32_t b) noexcept {
    return ahead(a, b) < 0;
}
/// `a` comes later than `b` in sequence space.
constexpr bool after(std::uint32_t a, std::uint32_t b) noexcept {
    return ahead(a, b) > 0;
}

}  // namespace turnpike::flow
