// Writes times as ISO 8601 and reads dates.
#include "turnpike/base/time.h"

#include <fmt/core.h>

#include <charconv>

namespace turnpike::base {

std::string format_iso8601(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const auto micros = std::chrono::floor<std::chrono::microseconds>(time - day).count();
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       micros / 3'600'000'000, micros / 60'000'000 % 60, micros / 1'000'000 % 60,
                       micros % 1'000'000);
}

std::optional<Timestamp> parse_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const auto number = [text](std::size_t from, std::size_t count) {
        unsigned value = 0;
        const char* const end = text.data() + from + count;
        const auto [stop, error] = std::from_chars(text.data() + from, end, value);
        return error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
    };
    const auto year = number(0, 4);
    const auto month = number(5, 2);
    const auto day = number(8, 2);
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    // A Timestamp counts nanoseconds in 64 bits: from 1677 to 2262.
    constexpr std::chrono::year first{1678};
    constexpr std::chrono::year last{2261};
    if (!date.ok() || date.year() < first || date.year() > last) {
        return std::nullopt;
    }
    return Timestamp{std::chrono::sys_days{date}};
}

}  // namespace turnpike::base
