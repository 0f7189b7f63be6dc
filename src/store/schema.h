// The layout of a result database: tables (internal) and views (the interface).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace turnpike::store {

/// PRAGMA application_id of a result database: "TpkR" in ASCII.
inline constexpr std::uint32_t application_id = 0x54706b52;
/// PRAGMA user_version: the layout this program writes. Every change of a table raises it.
inline constexpr std::uint32_t layout_version = 5;
/// The oldest layout that can still be read, and be brought up to date: 2 added run.unseen.
inline constexpr std::uint32_t oldest_layout = 1;

/// The statements that create all tables and views, to be run in one transaction.
std::string schema_sql();
/// The statements that create all views and mark the file as one of this layout.
std::string views_sql();
/// The statement that creates the table `flow_event` unless it is there: the first files of layout
/// 1 have none.
std::string_view flow_event_sql() noexcept;
/// The statement that creates the table `headline`, which layout 4 added.
std::string_view headline_sql() noexcept;

/// Every row's key is its run in the upper half and its number within the run in the lower one:
/// rows of a run lie together, every insert appends, no second index is needed and a flow is found
/// by one integer.
constexpr std::int64_t row_key(std::int64_t run, std::uint64_t number) noexcept {
    return (run << 32) | static_cast<std::int64_t>(number & 0xffff'ffffU);
}

/// The number that a key was made of.
constexpr std::uint64_t number_of(std::int64_t key) noexcept {
    return static_cast<std::uint64_t>(key) & 0xffff'ffffU;
}

/// The names of all views, in the order in which a full report shows them.
std::span<const std::string_view> view_names() noexcept;

}  // namespace turnpike::store
