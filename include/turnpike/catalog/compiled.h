// Vendor files that were parsed when the program was built: YAML is slow to read, and the built-in
// files are the same at every start.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::catalog {

/// The parsed form of YAML files, to be stored with the program. Byte order and layout are those of
/// this machine. Throws base::Error if a file cannot be read or holds a mistake.
std::string compile(const std::vector<std::filesystem::path>& files);

/// From now on a file whose text is one of those is not parsed again; what was changed since is.
/// `compiled` must be what `compile` made and live as long as the program. Before any `load`.
void use_compiled(std::string_view compiled) noexcept;

}  // namespace turnpike::catalog
