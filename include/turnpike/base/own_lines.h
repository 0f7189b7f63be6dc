// Memory that one core fills again and again, and another reads in between.
#pragma once

#include <cstddef>
#include <span>

namespace turnpike::base {

/// Brings what another core has read of these values back into this core's cache alone, ahead of
/// writing them. A processor writes in order, so that each cache line that it has to take from
/// another core would hold up all that follows, a tenth of a microsecond where the two share no
/// cache; here they are asked for together. (A prefetch for writing does not do that: the line is
/// there, only not alone.) The values stay what they are. Nobody else may use them meanwhile.
template <typename Value>
void own_lines(std::span<Value> values) noexcept {
    constexpr std::size_t line = 64;  // octets, of x86-64 and most others
    const auto octets = std::as_writable_bytes(values);
    volatile std::byte* const first = octets.data();
    for (std::size_t at = 0; at < octets.size(); at += line) {
        first[at] = first[at];
    }
}

}  // namespace turnpike::base
