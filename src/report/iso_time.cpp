// Reads the times of views, and turns them into local time.
#include "report/iso_time.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>

namespace turnpike::report {
namespace {

// "2026-11-21T09:05:00.123456Z": the store writes nothing else.
constexpr std::string_view shape = "0000-00-00T00:00:00.000000Z";

bool has_shape(std::string_view text) noexcept {
    if (text.size() != shape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

int number_in(std::string_view text, std::size_t at, std::size_t digits) noexcept {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
}

}  // namespace

std::optional<std::int64_t> milliseconds_of(std::string_view iso) noexcept {
    using namespace std::chrono;
    if (!has_shape(iso)) {
        return std::nullopt;
    }
    const auto day = year(number_in(iso, 0, 4)) /
                     month(static_cast<unsigned>(number_in(iso, 5, 2))) /
                     std::chrono::day(static_cast<unsigned>(number_in(iso, 8, 2)));
    const auto time = sys_days(day) + hours(number_in(iso, 11, 2)) +
                      minutes(number_in(iso, 14, 2)) + seconds(number_in(iso, 17, 2)) +
                      milliseconds(number_in(iso, 20, 3));
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::int64_t local_shift_milliseconds(std::int64_t milliseconds) noexcept {
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    return ::localtime_r(&seconds, &local) == nullptr ? 0 : local.tm_gmtoff * 1000;
}

std::string in_local_time(std::string_view iso) {
    const auto time = milliseconds_of(iso);
    if (!time) {
        return std::string(iso);
    }
    const auto shift = local_shift_milliseconds(*time);
    const auto minutes = std::abs(shift) / 60'000;
    // As std::tm: fmt 9 takes a time point of the system's clock to local time by itself.
    const auto shifted = fmt::gmtime(static_cast<std::time_t>(
        std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(*time + shift))
            .count()));
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}{}{}{:02}:{:02}", shifted, iso.substr(19, 7),
                       shift < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace turnpike::report
