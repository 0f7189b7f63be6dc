// What a folder holds, and why it cannot be read.
#include "turnpike/base/folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace turnpike::base {
namespace {

namespace fs = std::filesystem;

TEST(Folder, HasItsEntriesWithTheirPaths) {
    const fs::path folder = fs::temp_directory_path() / ("folder-" + std::to_string(::getpid()));
    fs::create_directories(folder / "inner");
    std::ofstream(folder / "file") << "text";
    fs::create_symlink("nowhere", folder / "link");
    std::error_code error = std::make_error_code(std::errc::io_error);
    auto entries = entries_of(folder, error);
    EXPECT_FALSE(error);
    std::ranges::sort(entries);
    EXPECT_EQ(entries, (std::vector<fs::path>{folder / "file", folder / "inner", folder / "link"}));
    fs::remove_all(folder);
}

TEST(Folder, SaysWhyThereIsNone) {
    std::error_code error;
    EXPECT_TRUE(entries_of("/dev/null", error).empty());
    EXPECT_EQ(error, std::errc::not_a_directory);
    EXPECT_TRUE(entries_of("/nowhere/at/all", error).empty());
    EXPECT_EQ(error, std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace turnpike::base
