// A commented vendor entry to start from: what `turnpike catalog new` writes.
#pragma once

#include <string_view>

namespace turnpike::catalog {

/// YAML that loads and that `check` finds nothing in on the day it names.
std::string_view example_entry() noexcept;

}  // namespace turnpike::catalog
