// The tables and views of runs that compare two captures: made only in databases that hold such a
// run, so that no layout changes for others.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/views.h"

namespace turnpike::store {

/// Both tables.
std::vector<TableInfo> comparison_tables();
/// The statements that create the tables where there are none.
std::string comparison_tables_sql();
/// Both views.
std::span<const View> comparison_views() noexcept;

}  // namespace turnpike::store
