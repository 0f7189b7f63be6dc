// What happens to a growing database when the disk, another program or a signal comes between.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "store/live_run.h"
#include "turnpike/base/error.h"

namespace turnpike {
namespace {

using base::Error;
using base::ExitStatus;
using store::Access;
using store::Database;
using store::LiveWriter;
using test::content_of;
using test::LiveChanges;
using test::SampleRun;
using test::scalar;
using test::TemporaryDirectory;

// Adds so many flows that nobody claims and says that they are all that changed.
void add_flows(SampleRun& sample, LiveChanges& changes, std::size_t count) {
    changes.clear();
    for (std::size_t i = 0; i < count; ++i) {
        facts::Flow flow;
        flow.id = sample.observation.flows.size() + 1;
        flow.client().endpoint = test::endpoint("192.0.2.1", 1000);
        flow.server().endpoint = test::endpoint("198.51.100.1", 443);
        flow.client().first = flow.client().last = test::mark(100, 9000);
        sample.observation.flows.push_back(std::move(flow));
        sample.result.flows.emplace_back();
        const auto index = static_cast<std::uint32_t>(sample.observation.flows.size() - 1);
        changes.flows.push_back(index);
        changes.verdicts.push_back(index);
    }
}

// The message of a commit that has to fail.
std::string failure(LiveWriter& writer, const store::Changes& changes) {
    try {
        writer.commit(changes);
    } catch (const Error& error) {
        EXPECT_EQ(error.status(), ExitStatus::io_error);
        return error.what();
    }
    ADD_FAILURE() << "the commit succeeded";
    return {};
}

// Takes all the room that is left in a folder's file system.
void fill(const std::filesystem::path& path) {
    std::ofstream file(path, std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
}

// A file system of 2 MB while it lives.
class SmallDisk {
  public:
    explicit SmallDisk(std::filesystem::path path) : path_(std::move(path)) {
        mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(path_.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool mounted() const noexcept { return mounted_; }

  private:
    std::filesystem::path path_;
    bool mounted_ = false;
};

TEST(LiveFaults, AFullDiskIsSurvived) {
    const TemporaryDirectory directory;
    const SmallDisk disk(directory.path());
    if (!disk.mounted()) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    SampleRun sample;
    LiveChanges changes(sample);
    LiveWriter writer(directory / "live.db");
    writer.begin(sample.start);
    writer.commit(changes.of(sample));
    fill(directory / "filler");
    add_flows(sample, changes, 5000);
    sample.result.requirements[5].status = verdict::Status::observed;
    for (int attempt = 0; attempt < 3; ++attempt) {
        EXPECT_NE(failure(writer, changes.of(sample)).find("live.db"), std::string::npos);
    }
    {
        Database reader(directory / "live.db", Access::read_only);
        EXPECT_EQ(scalar(reader, "SELECT count(*) FROM flows"), "7");
        EXPECT_EQ(scalar(reader, "SELECT status FROM requirements WHERE rule_id = 'logs'"),
                  "unmatched");
    }
    std::filesystem::remove(directory / "filler");
    writer.commit(changes.of(sample));
    writer.end(true);
    Database reader(directory / "live.db", Access::read_only);
    EXPECT_EQ(scalar(reader, "SELECT count(*) FROM flows"), "5007");
    EXPECT_EQ(scalar(reader, "SELECT status FROM requirements WHERE rule_id = 'logs'"), "observed");
    EXPECT_EQ(scalar(reader, "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(scalar(reader, "PRAGMA foreign_key_check"), "no row");
}

TEST(LiveFaults, ALockIsNotWaitedForLong) {
    const TemporaryDirectory directory;
    SampleRun sample;
    LiveChanges changes(sample);
    LiveWriter writer(directory / "live.db");
    writer.begin(sample.start);
    Database other(directory / "live.db", Access::read_write);
    other.execute("BEGIN IMMEDIATE");
    const auto started = std::chrono::steady_clock::now();
    const std::string message = failure(writer, changes.of(sample));
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds{5});
    EXPECT_NE(message.find("another program is writing"), std::string::npos) << message;
    other.execute("ROLLBACK");
    writer.commit(changes.of(sample));
    writer.end(true);
    sample.write(directory / "once.db");
    EXPECT_EQ(content_of(directory / "live.db", 1), content_of(directory / "once.db", 1));
}

// A reader keeps the log from starting anew, so that it grows by what is written meanwhile; once he
// is gone it is folded in and gives its room back.
TEST(LiveFaults, ALongReadDoesNotStopWriting) {
    const TemporaryDirectory directory;
    SampleRun sample;
    LiveChanges changes(sample);
    LiveWriter writer(directory / "live.db");
    writer.begin(sample.start);
    writer.commit(changes.of(sample));
    constexpr std::size_t rounds = 12;
    constexpr std::size_t flows = 20'000;
    {
        Database reader(directory / "live.db", Access::read_only);
        reader.execute("BEGIN");
        EXPECT_EQ(scalar(reader, "SELECT count(*) FROM flows"), "7");
        for (std::size_t i = 0; i < rounds; ++i) {
            add_flows(sample, changes, flows);
            writer.commit(changes.of(sample));
        }
        EXPECT_EQ(scalar(reader, "SELECT count(*) FROM flows"), "7");
        reader.execute("COMMIT");
        EXPECT_EQ(scalar(reader, "SELECT count(*) FROM flows"),
                  std::to_string(7 + (rounds * flows)));
    }
    const std::uintmax_t grown = std::filesystem::file_size(directory / "live.db-wal");
    EXPECT_GT(grown, 20U << 20U);
    for (int i = 0; i < 2; ++i) {  // one folds the log in, the next one starts it anew
        add_flows(sample, changes, flows);
        writer.commit(changes.of(sample));
    }
    EXPECT_LE(std::filesystem::file_size(directory / "live.db-wal"), 16U << 20U);
}

TEST(LiveFaults, EndsWhileSomebodyReads) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    const LiveChanges changes(sample);
    Database reader = [&] {
        LiveWriter writer(directory / "live.db");
        writer.begin(sample.start);
        writer.commit(changes.of(sample));
        Database opened(directory / "live.db", Access::read_only);
        opened.execute("BEGIN");
        EXPECT_EQ(scalar(opened, "SELECT complete FROM runs"), "0");
        writer.end(true);
        return opened;
    }();
    reader.execute("COMMIT");
    EXPECT_EQ(scalar(reader, "SELECT complete FROM runs"), "1");
}

// Commits without end and says over a pipe how many flows are in the database by now.
[[noreturn]] void commit_forever(const std::filesystem::path& path, int pipe) {
    SampleRun sample;
    LiveChanges changes(sample);
    LiveWriter writer(path);
    writer.begin(sample.start);
    while (true) {
        writer.commit(changes.of(sample));
        const std::uint64_t count = sample.observation.flows.size();
        if (::write(pipe, &count, sizeof count) != sizeof count) {
            ::_exit(1);
        }
        add_flows(sample, changes, 500);
    }
}

TEST(LiveFaults, WhatWasCommittedOutlivesAKill) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    for (int delay = 0; delay < 4; ++delay) {
        std::filesystem::remove(directory / "live.db");
        int ends[2] = {};
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            commit_forever(directory / "live.db", ends[1]);
        }
        ::close(ends[1]);
        std::uint64_t told = 0;
        for (int i = 0; i < 5 + delay; ++i) {
            ASSERT_EQ(::read(ends[0], &told, sizeof told), static_cast<ssize_t>(sizeof told));
        }
        // Each time at another place of a commit.
        std::this_thread::sleep_for(std::chrono::microseconds{700 * delay});
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status));
        while (::read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
        }
        ::close(ends[0]);
        Database database(directory / "live.db", Access::read_write);
        EXPECT_EQ(scalar(database, "PRAGMA integrity_check"), "ok");
        EXPECT_EQ(scalar(database, "SELECT complete FROM runs"), "0");
        const std::uint64_t stored = std::stoull(scalar(database, "SELECT count(*) FROM flows"));
        EXPECT_GE(stored, told);
        EXPECT_EQ((stored - 7) % 500, 0U) << "part of a commit";
        EXPECT_EQ(scalar(database, "SELECT flows FROM runs"), std::to_string(stored));
        database.execute("PRAGMA journal_mode = DELETE");
    }
}

}  // namespace
}  // namespace turnpike
