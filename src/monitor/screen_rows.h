// Which requirements a screen has room for, and how their rows look.
#pragma once

#include <cstddef>
#include <vector>

#include "monitor/ink.h"
#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// The requirements by product in no more than `height` lines. Products without traffic are named
/// in one line unless there is room for all or they are the only one. Where there is no room for
/// every row, what is blocked comes first, then what changed lately, and a last line says what is
/// not shown; rows keep the order of the catalog, so that they do not jump about.
std::vector<Line> requirement_lines(const State& state, std::size_t width, std::size_t height);

}  // namespace turnpike::monitor
