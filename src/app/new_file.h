// Files that the catalog's actions make and never overwrite.
#pragma once

#include <filesystem>
#include <string_view>

namespace turnpike::app {

/// Writes a file that must not exist yet. Throws base::Error (cannot_create, or io_error if writing
/// breaks off; nothing is left behind then).
void create_file(const std::filesystem::path& path, std::string_view text);

}  // namespace turnpike::app
