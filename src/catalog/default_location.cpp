// Where the built-in catalog lies, seen from the running program.
#include <fmt/core.h>

#include <system_error>

#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

namespace fs = std::filesystem;

// The format's description stands in every catalog directory of ours, so it marks one.
bool is_catalog(const fs::path& directory) {
    std::error_code ignored;
    return fs::is_regular_file(directory / "README.md", ignored);
}

}  // namespace

fs::path find_default_catalog() {
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    if (!error) {
        auto installed = program.parent_path().parent_path() / "share/turnpike/catalog";
        if (fs::is_directory(installed, error)) {
            return installed;
        }
        // A build directory inside the source tree: build/release/bin/turnpike.
        for (auto at = program.parent_path(); at != at.root_path(); at = at.parent_path()) {
            if (is_catalog(at / "catalog") && fs::is_regular_file(at / "CMakeLists.txt", error)) {
                return at / "catalog";
            }
        }
    }
    throw base::Error(base::ExitStatus::cannot_open,
                      fmt::format("no built-in catalog beside {}; name one with --catalog DIR",
                                  program.string()));
}

}  // namespace turnpike::catalog
