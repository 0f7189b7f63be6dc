// What lies in a folder.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace turnpike::base {

/// The paths of what lies in `folder`, but for itself and its parent, in no order. `error` says why
/// it cannot be read, or not to its end; else it is cleared. Without memory std::bad_alloc, where
/// std::filesystem::directory_iterator ends the process (libstdc++ reads on in a noexcept
/// function).
[[nodiscard]] std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder,
                                                            std::error_code& error);

}  // namespace turnpike::base
