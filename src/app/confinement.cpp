// Names the files and sockets that a verb needs after its start, and confines the process to
// them.
#include "app/confinement.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "app/output.h"

namespace turnpike::app {
namespace {

// sqlite.org/tempfiles.html, section 5; who sets it himself gets his way.
constexpr const char* spill_variable = "SQLITE_TMPDIR";

// Of the file itself, if the name is a link: SQLite keeps its log there.
std::filesystem::path file_of(const std::filesystem::path& database) {
    std::error_code error;
    auto file = std::filesystem::canonical(database, error);
    return error ? std::filesystem::absolute(database, error) : file;
}

}  // namespace

void spill_beside(const std::filesystem::path& database) {
    constexpr int unless_set = 0;
    ::setenv(spill_variable, file_of(database).parent_path().c_str(), unless_set);
}

guard::Needs needs_of_writing(const std::filesystem::path& database) {
    const auto file = file_of(database);
    guard::Needs needs;
    needs.writable.push_back(file.parent_path());
    if (const char* const spill = std::getenv(spill_variable);
        spill != nullptr && needs.writable.front() != spill &&
        std::filesystem::is_directory(spill)) {
        needs.writable.emplace_back(spill);
    }
    needs.hand_over = {file, file.string() + "-wal", file.string() + "-shm"};
    return needs;
}

guard::Needs needs_of_reading(const std::filesystem::path& database) {
    const auto file = file_of(database);
    guard::Needs needs;
    std::error_code ignored;
    for (const auto* const suffix : {"", "-journal", "-wal", "-shm"}) {
        if (const std::filesystem::path path = file.string() + suffix;
            std::filesystem::exists(path, ignored)) {
            needs.readable.push_back(path);
        }
    }
    if (std::filesystem::exists(file.string() + "-wal", ignored)) {
        needs.writable.push_back(file.parent_path());
    }
    return needs;
}

void confine_and_tell(const guard::Needs& needs) {
    for (const auto& reason : guard::confine(needs).missing) {
        print_error(
            fmt::format("not confined in full: {}; --require-confinement refuses that", reason));
    }
}

void need_socket(const std::filesystem::path& socket, guard::Needs& needs) {
    if (socket.empty()) {
        return;
    }
    const auto file = std::filesystem::absolute(socket);
    if (std::ranges::find(needs.writable, file.parent_path()) == needs.writable.end()) {
        needs.writable.push_back(file.parent_path());
    }
    needs.hand_over.push_back(file);  // in a folder like /tmp only its owner may remove it
}

}  // namespace turnpike::app
