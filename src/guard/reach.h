// What the effective user of this process may do with the files that it needs.
#pragma once

#include <filesystem>
#include <optional>

#include "turnpike/guard/guard.h"

namespace turnpike::guard {

/// The first of the folders in which the effective user cannot make files, or of the files to be
/// handed over that he cannot write to; those of root count as his.
std::optional<std::filesystem::path> unwritable(const Needs& needs);
/// The first of the files and folders that the effective user cannot read.
std::optional<std::filesystem::path> unreadable(const Needs& needs);

}  // namespace turnpike::guard
