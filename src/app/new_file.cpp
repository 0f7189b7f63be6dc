// Creates a file, and refuses one that is there already.
#include "app/new_file.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

void create_file(const std::filesystem::path& path, std::string_view text) {
    const auto name = base::escape(path.string());
    // "x": refuses an existing file in the same step that makes it.
    std::FILE* file = std::fopen(path.c_str(), "wbx");
    if (file == nullptr) {
        throw base::Error(base::ExitStatus::cannot_create,
                          fmt::format("{}: {}", name,
                                      errno == EEXIST ? "exists already and is not overwritten"
                                                      : std::strerror(errno)));
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (std::fclose(file) != 0 || !written) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("{}: writing failed: {}", name, std::strerror(errno)));
    }
}

}  // namespace turnpike::app
