// The tables and views of runs that compare two captures: made only in databases that hold such a
// run, so that no layout changes for others.
#pragma once

#include <array>
#include <string>

namespace turnpike::store {

/// The statements that create the tables where there are none.
std::string comparison_tables();
/// "NAME AS SELECT ..." of both views.
std::array<std::string, 2> comparison_views();

}  // namespace turnpike::store
