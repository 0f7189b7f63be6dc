// Times as the views have them, and in the zone of the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::report {

/// Milliseconds since 1970 of "2026-11-21T09:05:00.123456Z"; nothing for another text.
std::optional<std::int64_t> milliseconds_of(std::string_view iso) noexcept;

/// What is added to UTC in this machine's zone at that time (POSIX tzset: TZ, /etc/localtime).
std::int64_t local_shift_milliseconds(std::int64_t milliseconds) noexcept;

/// The same time in this machine's zone, "2026-11-21T10:05:00.123456+01:00". Another text stays.
std::string in_local_time(std::string_view iso);

}  // namespace turnpike::report
