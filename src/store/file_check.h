// Tells what a file is before SQLite may touch it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace turnpike::store {

enum class FileKind : std::uint8_t {
    absent,
    empty,       ///< no octets: as good as absent
    not_a_file,  ///< a directory, device or pipe
    unreadable,
    foreign,       ///< something else, perhaps another program's database
    older_layout,  ///< a turnpike database of an earlier layout that can be brought up to date
    obsolete_layout,
    newer_layout,
    turnpike,
};

/// Reads the header only (sqlite.org/fileformat.html 1.3) and writes nothing.
FileKind look_at(const std::filesystem::path& path);

/// Throws base::Error bad_input if `kind` is a file that this program cannot use as its database.
void require_own_layout(const std::filesystem::path& path, FileKind kind);

}  // namespace turnpike::store
