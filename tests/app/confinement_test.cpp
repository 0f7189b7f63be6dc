// What a run says it still needs once everything is open.
#include "app/confinement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "monitor/pseudo_terminal.h"
#include "store/sample_run.h"

namespace turnpike::app {
namespace {

using monitor::Variable;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Confinement : public ::testing::Test {
  protected:
    test::TemporaryDirectory directory_;
    std::filesystem::path folder_ = std::filesystem::canonical(directory_.path());
    Variable nothing_set_{"SQLITE_TMPDIR", nullptr};
};

TEST_F(Confinement, IsToTheFolderOfTheDatabaseAndHandsItsFilesOver) {
    const auto needs = needs_of_writing(folder_ / "x.db");
    EXPECT_THAT(needs.writable, ElementsAre(folder_));
    EXPECT_THAT(needs.hand_over,
                ElementsAre(folder_ / "x.db", folder_ / "x.db-wal", folder_ / "x.db-shm"));
    EXPECT_THAT(needs.readable, IsEmpty());
    EXPECT_FALSE(needs.accept);
    EXPECT_FALSE(needs.packet_sockets);
}

TEST_F(Confinement, FollowsALinkToTheFileItself) {
    std::filesystem::create_directory(folder_ / "far");
    std::ofstream(folder_ / "far/x.db") << "";
    std::filesystem::create_symlink(folder_ / "far/x.db", folder_ / "x.db");
    const auto needs = needs_of_writing(folder_ / "x.db");
    EXPECT_THAT(needs.writable, ElementsAre(folder_ / "far"));
    EXPECT_EQ(needs.hand_over.front(), folder_ / "far/x.db");
}

TEST_F(Confinement, SpillsBesideTheDatabaseUnlessToldOtherwise) {
    spill_beside(folder_ / "x.db");
    EXPECT_STREQ(std::getenv("SQLITE_TMPDIR"), folder_.c_str());
    EXPECT_THAT(needs_of_writing(folder_ / "x.db").writable, ElementsAre(folder_));
    std::filesystem::create_directory(folder_ / "spill");
    const Variable set("SQLITE_TMPDIR", (folder_ / "spill").c_str());
    spill_beside(folder_ / "x.db");
    EXPECT_STREQ(std::getenv("SQLITE_TMPDIR"), (folder_ / "spill").c_str());
    EXPECT_THAT(needs_of_writing(folder_ / "x.db").writable,
                ElementsAre(folder_, folder_ / "spill"));
}

TEST_F(Confinement, ReadingNeedsNoFolderUnlessALogLiesThere) {
    std::ofstream(folder_ / "x.db") << "";
    auto needs = needs_of_reading(folder_ / "x.db");
    EXPECT_THAT(needs.readable, ElementsAre(folder_ / "x.db"));
    EXPECT_THAT(needs.writable, IsEmpty());
    std::ofstream(folder_ / "x.db-wal") << "";
    needs = needs_of_reading(folder_ / "x.db");
    EXPECT_THAT(needs.readable, ElementsAre(folder_ / "x.db", folder_ / "x.db-wal"));
    EXPECT_THAT(needs.writable, ElementsAre(folder_)) << "SQLite makes the log's index";
}

TEST_F(Confinement, ASocketGoesWithItsProcess) {
    auto needs = needs_of_writing(folder_ / "x.db");
    need_socket({}, needs);
    EXPECT_THAT(needs.writable, ElementsAre(folder_));
    EXPECT_EQ(needs.hand_over.size(), 3U);
    need_socket(folder_ / "metrics", needs);
    EXPECT_THAT(needs.writable, ElementsAre(folder_)) << "once";
    EXPECT_EQ(needs.hand_over.back(), folder_ / "metrics");
    need_socket("/run/turnpike/metrics", needs);
    EXPECT_THAT(needs.writable, ElementsAre(folder_, "/run/turnpike"))
        << "the database's comes first: its owner is who the process becomes";
    auto here = needs_of_writing(folder_ / "x.db");
    need_socket("metrics", here);
    EXPECT_THAT(here.writable, ElementsAre(folder_, std::filesystem::current_path()));
}

}  // namespace
}  // namespace turnpike::app
