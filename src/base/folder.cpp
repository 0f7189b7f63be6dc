// Reads folders by the C library's means, which leave it to the caller where names are kept.
#include "turnpike/base/folder.h"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace turnpike::base {
namespace {

struct Close {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

}  // namespace

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder,
                                              std::error_code& error) {
    error.clear();
    std::vector<std::filesystem::path> entries;
    const std::unique_ptr<DIR, Close> opened(::opendir(folder.c_str()));
    if (!opened) {
        error.assign(errno, std::system_category());
        return entries;
    }
    while (true) {
        errno = 0;
        const dirent* const entry = ::readdir(opened.get());
        if (entry == nullptr) {
            error.assign(errno, std::system_category());
            return entries;
        }
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") {
            entries.push_back(folder / name);
        }
    }
}

}  // namespace turnpike::base
