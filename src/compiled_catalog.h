// The built-in catalog as it was parsed when the program was built.
#pragma once

#include <string_view>

/// For catalog::use_compiled.
std::string_view compiled_catalog() noexcept;
