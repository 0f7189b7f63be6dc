// Tries with access(2) whether the needed files can be read and written.
#include "guard/reach.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace turnpike::guard {
namespace {

bool denied(const std::filesystem::path& path, int mode) noexcept {
    // What is not there is not denied, and is reported where it is opened.
    return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) != 0 && errno == EACCES;
}

std::optional<std::filesystem::path> first_denied(const std::vector<std::filesystem::path>& paths,
                                                  int mode) {
    const auto found =
        std::ranges::find_if(paths, [mode](const auto& path) { return denied(path, mode); });
    return found == paths.end() ? std::nullopt : std::optional{*found};
}

bool belongs_to_root(const std::filesystem::path& path) noexcept {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && status.st_uid == 0;
}

}  // namespace

std::optional<std::filesystem::path> unwritable(const Needs& needs) {
    if (auto folder = first_denied(needs.writable, R_OK | W_OK | X_OK)) {
        return folder;
    }
    const auto found = std::ranges::find_if(needs.hand_over, [](const auto& path) {
        return !belongs_to_root(path) && denied(path, R_OK | W_OK);
    });
    return found == needs.hand_over.end() ? std::nullopt : std::optional{*found};
}

std::optional<std::filesystem::path> unreadable(const Needs& needs) {
    return first_denied(needs.readable, R_OK);
}

}  // namespace turnpike::guard
