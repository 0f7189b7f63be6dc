// How facts become column values: NULL for what is absent, microseconds for times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"

namespace turnpike::store {

/// Whether rows are new for certain, or may replace those with the same key. In a table without
/// further indexes SQLite overwrites a row in its place.
enum class Writing : std::uint8_t { append, replace };

constexpr std::string_view verb(Writing writing) noexcept {
    return writing == Writing::append ? "INSERT" : "INSERT OR REPLACE";
}

/// Microseconds since 1970, rounded down.
constexpr std::int64_t micros(base::Timestamp time) noexcept {
    return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

inline std::optional<std::int64_t> micros(const facts::PacketMark& mark) noexcept {
    return mark ? std::optional{micros(mark.time)} : std::nullopt;
}

inline std::optional<std::int64_t> micros(const std::optional<base::Timestamp>& time) noexcept {
    return time ? std::optional{micros(*time)} : std::nullopt;
}

/// A word that may be absent: NULL instead of an empty text.
constexpr std::optional<std::string_view> or_null(std::string_view text) noexcept {
    return text.empty() ? std::nullopt : std::optional{text};
}

inline std::optional<std::string> or_null(std::string&& text) {
    return text.empty() ? std::nullopt : std::optional{std::move(text)};
}

template <typename Number>
constexpr std::optional<Number> or_null_if_zero(Number value) noexcept {
    return value == 0 ? std::nullopt : std::optional{value};
}

}  // namespace turnpike::store
