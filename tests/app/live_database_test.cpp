// A live run's database may fail for a while, and is begun anew when it is time: nothing is lost
// meanwhile, and it is said what is the matter.
#include "app/live_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>

#include "app/live_world.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Lowers a limit of the process as long as it lives.
class Limit {
  public:
    Limit(__rlimit_resource kind, rlim_t most) : kind_(kind) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(kind_, &before_);
        rlimit now = before_;
        now.rlim_cur = most;
        ::setrlimit(kind_, &now);
    }
    ~Limit() { ::setrlimit(kind_, &before_); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

  private:
    __rlimit_resource kind_;
    rlimit before_{};
};

/// Another program in the middle of a transaction.
class Lock {
  public:
    explicit Lock(const std::filesystem::path& path) {
        ::sqlite3_open(path.c_str(), &handle_);
        taken_ = ::sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    ~Lock() { ::sqlite3_close(handle_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    [[nodiscard]] bool taken() const noexcept { return taken_; }

  private:
    sqlite3* handle_ = nullptr;
    bool taken_ = false;
};

class LiveDatabaseTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path path() const { return folder_ / "live.db"; }
    /// A run that began so long ago.
    [[nodiscard]] LiveDatabase open(std::chrono::seconds ago = 0s, store::RotationRule rule = {},
                                    std::size_t keep = 8) const {
        store::RunStart start;
        start.started_at =
            std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now()) - ago;
        start.source = "eth0";
        return {path(), start, rule, keep};
    }
    /// So many further connections, all of them over.
    void browse(unsigned count) {
        support::ObservationBuilder built;
        for (unsigned i = 0; i < count; ++i) {
            auto& flow = built.connection("198.51.100.1", 443, "www.example.org", clock_ += 0.1);
            flow.id = ++flows_;
        }
        packets_ += built.observation.quality.packets;
        auto round = test::round_of(built.observation, clock_ + 1, true);
        round.harvests[0].quality.packets = packets_;
        judgement_.accept(round);
        judgement_.judge();
    }
    [[nodiscard]] static std::uint64_t flows_in(const std::filesystem::path& file) {
        store::Reader reader(file);
        std::uint64_t count = 0;
        reader.each_row("flows", reader.runs().back().run_id, [&](auto) { ++count; });
        return count;
    }
    [[nodiscard]] std::vector<std::filesystem::path> put_aside() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            if (entry.path().filename().string().starts_with("live-")) {
                found.push_back(entry.path());
            }
        }
        std::ranges::sort(found);
        return found;
    }

    test::CatalogFolder folder_;
    LiveJudgement judgement_{folder_.load(), false};
    double clock_ = 0;
    std::uint64_t flows_ = 0;
    std::uint64_t packets_ = 0;
};

TEST_F(LiveDatabaseTest, IsThereFromTheBeginning) {
    const auto database = open();
    store::Reader reader(path());
    ASSERT_THAT(reader.runs(), SizeIs(1));
    EXPECT_EQ(reader.runs()[0].run_id, database.run());
    EXPECT_FALSE(reader.runs()[0].complete);
}

TEST_F(LiveDatabaseTest, ALockIsTroubleThatPasses) {
    auto database = open();
    browse(5);
    ASSERT_TRUE(database.store(judgement_));
    {
        const Lock lock(path());
        ASSERT_TRUE(lock.taken());
        for (int second = 0; second < 2; ++second) {
            browse(5);
            EXPECT_FALSE(database.store(judgement_));
            EXPECT_THAT(database.trouble(), HasSubstr("live.db"));
            EXPECT_THAT(database.trouble(), HasSubstr("another program"));
        }
        EXPECT_EQ(judgement_.counts().passed, 15U) << "counting goes on";
        EXPECT_EQ(flows_in(path()), 5U);
    }
    EXPECT_TRUE(database.store(judgement_));
    EXPECT_EQ(database.trouble(), "");
    EXPECT_EQ(flows_in(path()), 15U);
    EXPECT_EQ(judgement_.flows_unstored(), 0U);
}

TEST_F(LiveDatabaseTest, AFullDiskIsTroubleThatPasses) {
    auto database = open();
    browse(5);
    ASSERT_TRUE(database.store(judgement_));
    {
        const Limit full(RLIMIT_FSIZE, 4'096);
        browse(2'000);
        EXPECT_FALSE(database.store(judgement_));
        EXPECT_THAT(database.trouble(), HasSubstr("live.db"));
        browse(5);
        EXPECT_FALSE(database.store(judgement_));
    }
    EXPECT_TRUE(database.store(judgement_));
    database.end(true);
    EXPECT_EQ(flows_in(path()), 2'010U);
    EXPECT_TRUE(store::Reader(path()).runs()[0].complete);
}

TEST_F(LiveDatabaseTest, StaysOneFileUntilItIsTime) {
    auto database = open(30s, store::parse_rotation("1h"));
    browse(5);
    ASSERT_TRUE(database.store(judgement_));
    EXPECT_THAT(database.rotate(judgement_), IsEmpty());
    EXPECT_THAT(put_aside(), IsEmpty());
}

TEST_F(LiveDatabaseTest, BeginsAnewAndKeepsSoMany) {
    for (int hour = 0; hour < 4; ++hour) {
        auto database = open(std::chrono::hours{20 - hour}, store::parse_rotation("15m"), 2);
        browse(5);
        ASSERT_TRUE(database.store(judgement_));
        const auto said = database.rotate(judgement_);
        ASSERT_THAT(said, SizeIs(1));
        EXPECT_THAT(said[0], HasSubstr("live.db begins anew"));
        browse(3);
        ASSERT_TRUE(database.store(judgement_));
        EXPECT_THAT(database.rotate(judgement_), IsEmpty()) << "the new one is young";
        database.end(true);
        EXPECT_EQ(flows_in(path()), 3U);
        std::filesystem::remove(path());
        judgement_.restart();
    }
    ASSERT_THAT(put_aside(), SizeIs(2));
    for (const auto& file : put_aside()) {
        EXPECT_EQ(flows_in(file), 5U);
        EXPECT_TRUE(store::Reader(file).runs()[0].complete);
        EXPECT_EQ(store::Reader(file).runs()[0].packets, 25U);
    }
}

TEST_F(LiveDatabaseTest, IsPutAsideBySizeAsWell) {
    auto database = open(0s, store::parse_rotation("1K"));
    browse(5);
    ASSERT_TRUE(database.store(judgement_));
    EXPECT_THAT(database.rotate(judgement_), SizeIs(1));
    EXPECT_THAT(put_aside(), SizeIs(1));
}

TEST_F(LiveDatabaseTest, WhereNoneCanBeBegunItIsTriedAgain) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer opens a pipe to look at an object's type";
#endif
    auto database = open(2h, store::parse_rotation("1h"));
    browse(5);
    ASSERT_TRUE(database.store(judgement_));
    {
        const Limit no_more_files(RLIMIT_NOFILE, 3);
        database.rotate(judgement_);
        EXPECT_THAT(database.trouble(), HasSubstr("live.db"));
        EXPECT_FALSE(database.run()) << "nothing to report on";
        browse(3);
        EXPECT_FALSE(database.store(judgement_));
        EXPECT_NO_THROW(database.end(true));
    }
    EXPECT_TRUE(database.store(judgement_));
    EXPECT_EQ(database.trouble(), "");
    EXPECT_TRUE(database.run());
    database.end(true);
    EXPECT_EQ(flows_in(path()), 3U);
    ASSERT_THAT(put_aside(), SizeIs(1));
    EXPECT_EQ(flows_in(put_aside()[0]), 5U);
}

TEST_F(LiveDatabaseTest, ThatCannotBeMadeIsAnError) {
    try {
        LiveDatabase(folder_ / "missing/live.db", {}, {}, 1);
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::cannot_create);
        EXPECT_THAT(error.what(), HasSubstr("missing/live.db"));
    }
}

}  // namespace
}  // namespace turnpike::app
