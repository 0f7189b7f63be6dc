// Who may do what with the file while pages are written into it.
#include "store/page_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <thread>

#include "store/sample_run.h"

namespace turnpike {
namespace {

using store::Access;
using store::Database;
using store::PageFile;

constexpr std::array<std::string_view, 1> tables{"t"};

// Another program: locks are a process's. It does not wait for a lock.
bool another_program(const std::filesystem::path& path, const std::function<bool(Database&)>& act) {
    const pid_t child = ::fork();
    if (child == 0) {
        Database database(path, Access::read_write);
        database.execute("PRAGMA busy_timeout = 0");
        ::_exit(act(database) ? 0 : 1);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

bool reads_nothing(Database& database) {
    return database.integer("SELECT count(*) FROM t") == 0;
}
bool stores(Database& database) {
    return database.try_execute("INSERT INTO t VALUES(1)");
}
bool writes_pages(Database& database) {
    return PageFile::open(database, tables) != nullptr;
}

// Section 1.6 of the file format: a leaf with one cell at its end, a row of key 1.
store::Page leaf_with_seven() {
    constexpr std::array<std::uint8_t, 5> cell{3, 1, 2, 1, 7};  // sizes, key, header, the value
    constexpr std::size_t cell_at = store::page_size - cell.size();
    store::Page page{0x0d,           0, 0, 0, 1, cell_at >> 8U, cell_at & 0xffU, 0, cell_at >> 8U,
                     cell_at & 0xffU};
    std::ranges::copy(cell, page.begin() + cell_at);
    return page;
}

class PageFiles : public ::testing::Test {
  protected:
    void SetUp() override { database_.execute("CREATE TABLE t(x)"); }

    const test::TemporaryDirectory directory_;
    const std::filesystem::path path_ = directory_ / "a.db";
    Database database_{path_, Access::create};
};

TEST_F(PageFiles, OthersReadTheFileBeforeTheEnd) {
    const auto file = PageFile::open(database_, tables);
    ASSERT_TRUE(file);
    for (int pages = 0; pages < 100; ++pages) {  // more than are written at once
        file->append(store::Page{});
    }
    EXPECT_TRUE(another_program(path_, reads_nothing));
    EXPECT_FALSE(another_program(path_, stores));
}

TEST_F(PageFiles, OthersStoreAfterTheEnd) {
    PageFile::open(database_, tables)->finish();
    EXPECT_TRUE(another_program(path_, stores));
    EXPECT_EQ(database_.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(PageFiles, GivesWayToAnotherProgramThatStores) {
    database_.execute("BEGIN IMMEDIATE");
    EXPECT_FALSE(another_program(path_, writes_pages));
    database_.execute("COMMIT");
    EXPECT_TRUE(another_program(path_, writes_pages));
}

TEST_F(PageFiles, TheEndWaitsForThoseWhoRead) {
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe2(told.data(), O_NONBLOCK), 0);
    const auto tell = [&told] { return ::write(told[1], "r", 1) == 1; };
    const auto was_told = [&told] {
        char octet = 0;
        return ::read(told[0], &octet, 1) == 1;
    };
    const pid_t reader = ::fork();
    if (reader == 0) {
        Database other(path_, Access::read_write);
        other.execute("BEGIN");
        const bool before = reads_nothing(other) && tell();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        const bool after = reads_nothing(other) && tell();
        ::_exit(before && after && other.try_execute("COMMIT") ? 0 : 1);
    }
    while (!was_told()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto file = PageFile::open(database_, tables);
    ASSERT_TRUE(file);
    file->replace(file->root_of("t"), leaf_with_seven());
    file->finish();
    EXPECT_TRUE(was_told()) << "the reader was not waited for";
    int status = 0;
    ASSERT_EQ(::waitpid(reader, &status, 0), reader);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(database_.integer("SELECT x FROM t"), 7);
    ::close(told[0]);
    ::close(told[1]);
}

}  // namespace
}  // namespace turnpike
