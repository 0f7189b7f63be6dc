// Points in time and durations, in nanoseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::base {

/// Nanoseconds between two times; may be negative.
using Duration = std::chrono::nanoseconds;
/// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds, as capture files have it.
using Timestamp = std::chrono::sys_time<Duration>;

/// Where two links, or two queues of a card, are captured, packets this close may stand in another
/// order than they were sent in.
inline constexpr Duration out_of_order = std::chrono::milliseconds{5};

/// The time so many nanoseconds after 1970-01-01T00:00:00Z; earlier if negative.
constexpr Timestamp from_nanoseconds(std::int64_t ns) noexcept {
    return Timestamp{Duration{ns}};
}

/// What the clock of this machine says.
inline Timestamp now() noexcept {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

/// "2026-11-21T09:05:00.123456Z": ISO 8601, UTC, microseconds (cut, not rounded).
std::string format_iso8601(Timestamp time);

/// A calendar date "2026-11-21" as midnight UTC, or nothing if it is no such date.
std::optional<Timestamp> parse_date(std::string_view text) noexcept;

}  // namespace turnpike::base
