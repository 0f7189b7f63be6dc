// Timestamps of pcapng interfaces in their own units.
#pragma once

#include <cstdint>

#include "turnpike/base/time.h"

namespace turnpike::capture {

/// Converts an interface's timestamps: if_tsresol and if_tsoffset (draft-ietf-opsawg-pcapng section
/// 4.2). Out of range values saturate.
class TimeResolution {
  public:
    /// Microseconds since 1970, the default.
    TimeResolution() noexcept : TimeResolution(6, 0) {}
    /// `resolution` as in the option: a negative power of ten, or of two if its upper bit is set.
    TimeResolution(std::uint8_t resolution, std::int64_t offset_seconds) noexcept;

    [[nodiscard]] base::Timestamp to_time(std::uint64_t units) const noexcept {
        std::int64_t ns = 0;
        // The usual resolutions, milli-, micro- and nanoseconds, are one multiplication.
        if (nanoseconds_per_unit_ == 0 ||
            __builtin_mul_overflow(units, nanoseconds_per_unit_, &ns) ||
            __builtin_add_overflow(ns, offset_, &ns)) [[unlikely]] {
            return to_time_slowly(units);
        }
        return base::from_nanoseconds(ns);
    }

  private:
    [[nodiscard]] base::Timestamp to_time_slowly(std::uint64_t units) const noexcept;

    std::uint64_t nanoseconds_per_unit_ = 0;  ///< 0 if a unit is no whole number of nanoseconds
    std::int64_t offset_ = 0;                 ///< nanoseconds
    std::uint8_t resolution_ = 0;
};

}  // namespace turnpike::capture
