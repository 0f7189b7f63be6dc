// Converts times of any pcapng resolution to nanoseconds, without overflow.
#include "capture/time_resolution.h"

#include <algorithm>
#include <limits>

#include "turnpike/base/wide.h"

namespace turnpike::capture {

namespace {

// 64 bits do not hold a 64-bit count times 10^9.
using base::UnsignedWide;
using base::Wide;

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::uint8_t base_two = 0x80;

std::int64_t saturate(Wide value) noexcept {
    constexpr Wide least = std::numeric_limits<std::int64_t>::min();
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(value, least, most));
}

std::uint64_t power_of_ten(unsigned exponent) noexcept {
    std::uint64_t power = 1;
    for (unsigned i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

/// Nanoseconds in `units` of 2^-exponent seconds, cut.
UnsignedWide from_binary(std::uint64_t units, unsigned exponent) noexcept {
    if (exponent >= 64) {
        // 2^64 of them are a second, or less: shift what would overflow the product.
        const unsigned excess = std::min(exponent - 64, 63U);
        return (static_cast<UnsignedWide>(units >> excess) * nanoseconds_per_second) >> 64U;
    }
    return (static_cast<UnsignedWide>(units) * nanoseconds_per_second) >> exponent;
}

/// Nanoseconds in `units` of 10^-exponent seconds, cut.
UnsignedWide from_decimal(std::uint64_t units, unsigned exponent) noexcept {
    if (exponent <= 9) {
        return static_cast<UnsignedWide>(units) * power_of_ten(9 - exponent);
    }
    // 10^19 is the largest power in 64 bits; a 64-bit count of anything finer is no nanosecond.
    return exponent - 9 > 19 ? 0 : units / power_of_ten(exponent - 9);
}

}  // namespace

TimeResolution::TimeResolution(std::uint8_t resolution, std::int64_t offset_seconds) noexcept
    : offset_(saturate(static_cast<Wide>(offset_seconds) * nanoseconds_per_second)),
      resolution_(resolution) {
    if (resolution <= 9) {
        nanoseconds_per_unit_ = power_of_ten(9U - resolution);
    }
}

base::Timestamp TimeResolution::to_time_slowly(std::uint64_t units) const noexcept {
    const unsigned exponent = resolution_ & ~unsigned{base_two};
    const UnsignedWide ns = (resolution_ & base_two) != 0 ? from_binary(units, exponent)
                                                          : from_decimal(units, exponent);
    return base::from_nanoseconds(saturate(static_cast<Wide>(ns) + offset_));
}

}  // namespace turnpike::capture
