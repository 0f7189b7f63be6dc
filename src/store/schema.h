// The layout of a result database: tables (internal) and views (the interface).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "store/columns.h"
#include "store/row_key.h"

namespace turnpike::store {

/// PRAGMA application_id of a result database: "TpkR" in ASCII.
inline constexpr std::uint32_t application_id = 0x54706b52;
/// PRAGMA user_version: the layout this program writes. Every change of a table raises it.
inline constexpr std::uint32_t layout_version = 5;
/// The oldest layout that can still be read, and be brought up to date.
inline constexpr std::uint32_t oldest_layout = 1;

/// Every table that all databases have.
std::span<const TableInfo> all_tables();

/// The statement that creates a table unless it is there.
std::string creation_of(const TableInfo& table);
/// The statements that create all tables and views, to be run in one transaction.
std::string schema_sql();
/// The statements that create all views and mark the file as one of this layout.
std::string views_sql();

}  // namespace turnpike::store
