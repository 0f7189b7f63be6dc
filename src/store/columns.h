// A table, declared once: its columns with their types, what they mean, and where their values come
// from. The statements that make and fill it, the rows of its pages, the views over it and
// docs/database.md follow from that.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/stored_text.h"
#include "turnpike/base/words.h"

namespace turnpike::store {

/// What a column holds, as docs/database.md names it, and how a view shows it.
struct Holds {
    std::string_view what;
    /// Instead of `what`: the words of an enumeration.
    std::vector<std::string_view> (*words)() = nullptr;
    /// How a view shows it: an expression of SQL with the column as {}.
    std::string_view shown = "{}";
};

namespace holds {

inline constexpr Holds integer{"integer"};
inline constexpr Holds real{"real"};
inline constexpr Holds text{"text"};
inline constexpr Holds flag{"0 or 1"};
/// Microseconds since 1970, shown as ISO 8601 UTC text with all of them. NULL stays NULL, and times
/// before 1970 come out right.
inline constexpr Holds time{
    "time", nullptr,
    "strftime('%Y-%m-%dT%H:%M:%S', ({0} - (({0} % 1000000) + 1000000) % 1000000) / 1000000, "
    "'unixepoch') || printf('.%06dZ', (({0} % 1000000) + 1000000) % 1000000)"};
/// The same, stored as it is shown.
inline constexpr Holds iso_text{"time"};
/// A row_key, shown as the number within the run.
inline constexpr Holds number{"integer", nullptr, "{} & 0xffffffff"};
/// 32 bits, shown as 0x and eight digits.
inline constexpr Holds hex{"text", nullptr, "printf('0x%08x', {})"};
template <typename Enum>
inline constexpr Holds word{"", base::all_words<Enum>};

}  // namespace holds

/// What is said about a column.
struct ColumnInfo {
    std::string_view name;
    std::string_view type;     ///< as SQL declares it, with its constraints
    Holds holds;               ///< what a view shows
    std::string_view meaning;  ///< a clause without a final stop
};

/// A column and `get`, which makes its value out of a row's entry.
template <typename Get>
struct Column {
    ColumnInfo info;
    Get get;
};

template <typename Get>
consteval Column<Get> column(std::string_view name, std::string_view type, Holds holds,
                             std::string_view meaning, Get get) {
    return {{name, type, holds, meaning}, get};
}

/// Text from the network or the catalog: made fit for the database before it is written.
struct Unclean {
    std::string_view text;
};
/// The same, and NULL where it is empty.
struct UncleanOrNull {
    std::string_view text;
};

template <typename Value>
Value&& made_fit(Value&& value, std::string& /*room*/) {
    return std::forward<Value>(value);
}
inline std::string_view made_fit(Unclean value, std::string& room) {
    return stored_text(value.text, room);
}
inline std::optional<std::string_view> made_fit(UncleanOrNull value, std::string& room) {
    return value.text.empty() ? std::nullopt : std::optional{stored_text(value.text, room)};
}

/// Columns in order, whose values come from one kind of entry.
template <typename... Gets>
struct Columns {
    static constexpr std::size_t count = sizeof...(Gets);
    /// Where texts are made fit; one for all rows.
    using Rooms = std::array<std::string, count>;

    std::array<ColumnInfo, count> info;
    std::tuple<Gets...> gets;

    /// Calls `take` with the values of all columns; they live during the call.
    template <typename Entry, typename Take>
    void with_values(const Entry& entry, Rooms& rooms, Take&& take) const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            take(made_fit(std::get<I>(gets)(entry), rooms[I])...);
        }(std::index_sequence_for<Gets...>{});
    }
};

template <typename... Gets>
consteval Columns<Gets...> columns(Column<Gets>... columns) {
    return {{columns.info...}, {columns.get...}};
}

/// A table whose rows are written as a whole. The first column is its INTEGER PRIMARY KEY.
template <typename... Gets>
struct Table {
    /// See Columns.
    using Rooms = Columns<Gets...>::Rooms;

    std::string_view name;
    Columns<Gets...> columns;
    std::string_view constraint = {};  ///< on a row as a whole
};

template <typename... Gets>
consteval Table<Gets...> table(std::string_view name, Column<Gets>... list) {
    return {name, columns(list...)};
}

/// A table without what fills it.
struct TableInfo {
    std::string_view name;
    std::vector<ColumnInfo> columns;
    std::string_view constraint = {};
};

template <typename... Gets>
TableInfo info_of(const Table<Gets...>& table) {
    return {table.name, {table.columns.info.begin(), table.columns.info.end()}, table.constraint};
}

/// "INTO name(a, b) VALUES(?, ?)".
template <typename... Gets>
std::string into(std::string_view name, const Columns<Gets...>& columns) {
    std::string names;
    std::string values;
    for (const auto& column : columns.info) {
        fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ", column.name);
        values += values.empty() ? "?" : ", ?";
    }
    return fmt::format("INTO {}({}) VALUES({})", name, names, values);
}

/// "UPDATE name SET a = ?, b = ? WHERE key = ?".
template <typename... Gets>
std::string update(std::string_view name, const Columns<Gets...>& columns, std::string_view key) {
    std::string set;
    for (const auto& column : columns.info) {
        fmt::format_to(std::back_inserter(set), "{}{} = ?", set.empty() ? "" : ", ", column.name);
    }
    return fmt::format("UPDATE {} SET {} WHERE {} = ?", name, set, key);
}

/// The columns that most tables begin with: an entry has `key` and `run`.
inline constexpr auto id_column =
    column("id", "INTEGER PRIMARY KEY", holds::integer, "the run and a number within it",
           [](const auto& entry) { return entry.key; });
inline constexpr auto run_column =
    column("run_id", "INTEGER NOT NULL REFERENCES run", holds::integer, "the run it belongs to",
           [](const auto& entry) { return entry.run; });
inline constexpr auto flow_column =
    column("flow", "INTEGER NOT NULL REFERENCES flow", holds::number, "the flow, see `flows`",
           [](const auto& entry) { return entry.flow; });

}  // namespace turnpike::store
