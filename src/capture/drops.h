// Sums of loss counters, which a file may claim to be anything.
#pragma once

#include <cstdint>
#include <limits>

namespace turnpike::capture {

inline std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

}  // namespace turnpike::capture
