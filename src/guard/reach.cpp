#include "guard/reach.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace turnpike::guard {
namespace {

std::optional<std::filesystem::path> first_denied(const std::vector<std::filesystem::path>& paths,
                                                  int mode) {
    for (const auto& path : paths) {
        // What is not there is not denied, and is reported where it is opened.
        if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) != 0 && errno == EACCES) {
            return path;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::filesystem::path> unwritable(const Needs& needs) {
    return first_denied(needs.writable, R_OK | W_OK | X_OK);
}

std::optional<std::filesystem::path> unreadable(const Needs& needs) {
    return first_denied(needs.readable, R_OK);
}

}  // namespace turnpike::guard
