// Reads a file's first octets, and says whether it is a database of ours.
#include "store/file_check.h"

#include <fmt/core.h>

#include <array>
#include <fstream>
#include <string_view>

#include "store/database.h"
#include "store/schema.h"
#include "turnpike/base/bytes.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/error.h"

namespace turnpike::store {
namespace {

// sqlite.org/fileformat.html 1.3: the magic string, and two big-endian fields of the header.
constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t header_size = 100;
constexpr std::size_t user_version_offset = 60;
constexpr std::size_t application_id_offset = 68;

std::uint32_t field(base::Bytes header, std::size_t offset) noexcept {
    return base::Cursor{header.subspan(offset)}.u32();
}

FileKind kind_of_header(base::Bytes header) noexcept {
    if (base::as_text(header.first(magic.size())) != magic ||
        field(header, application_id_offset) != application_id) {
        return FileKind::foreign;
    }
    const std::uint32_t layout = field(header, user_version_offset);
    if (layout == layout_version) {
        return FileKind::turnpike;
    }
    if (layout > layout_version) {
        return FileKind::newer_layout;
    }
    return layout >= oldest_layout ? FileKind::older_layout : FileKind::obsolete_layout;
}

}  // namespace

FileKind look_at(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return FileKind::absent;
    }
    if (status.type() != std::filesystem::file_type::regular) {
        return error ? FileKind::unreadable : FileKind::not_a_file;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return FileKind::unreadable;
    }
    std::array<char, header_size> header{};
    file.read(header.data(), header.size());
    if (file.gcount() == 0) {
        return file.bad() ? FileKind::unreadable : FileKind::empty;
    }
    if (file.gcount() < static_cast<std::streamsize>(header_size)) {
        return FileKind::foreign;
    }
    return kind_of_header(base::as_bytes({header.data(), header.size()}));
}

void require_own_layout(const std::filesystem::path& path, FileKind kind) {
    using base::Error;
    using base::ExitStatus;
    switch (kind) {
        case FileKind::foreign:
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: is not a turnpike database and was left as it is; give "
                                    "another file",
                                    name_of(path)));
        case FileKind::obsolete_layout:
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: was written by an older turnpike whose layout this one "
                                    "cannot extend; analyze again into a new file",
                                    name_of(path)));
        case FileKind::newer_layout:
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: was written by a newer turnpike; use that one, or analyze "
                                    "again into a new file",
                                    name_of(path)));
        case FileKind::absent:
        case FileKind::empty:
        case FileKind::not_a_file:
        case FileKind::unreadable:
        case FileKind::older_layout:
        case FileKind::turnpike:
            break;
    }
}

}  // namespace turnpike::store
