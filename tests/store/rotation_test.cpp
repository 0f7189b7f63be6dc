// When a live run begins a new file, what it is called, and which ones are deleted.
#include "turnpike/store/rotation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "store/live_run.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using store::parse_rotation;
using store::Rotation;
using store::RotationRule;
using test::TemporaryDirectory;
using namespace std::chrono_literals;

void touch(const std::filesystem::path& path) {
    std::ofstream(path) << "x";
}

std::set<std::string> names(const TemporaryDirectory& directory) {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        found.insert(entry.path().filename());
    }
    return found;
}

TEST(RotationRule, IsATimeOrASize) {
    EXPECT_EQ(parse_rotation("90s"), (RotationRule{90s, {}}));
    EXPECT_EQ(parse_rotation("15m"), (RotationRule{15min, {}}));
    EXPECT_EQ(parse_rotation("2h"), (RotationRule{2h, {}}));
    EXPECT_EQ(parse_rotation("7d"), (RotationRule{168h, {}}));
    EXPECT_EQ(parse_rotation("64K"), (RotationRule{{}, 65'536U}));
    EXPECT_EQ(parse_rotation("500M"), (RotationRule{{}, 524'288'000U}));
    EXPECT_EQ(parse_rotation("2G"), (RotationRule{{}, 2'147'483'648U}));
}

TEST(RotationRule, RefusesEverythingElse) {
    for (const char* text : {"", "0s", "-1h", "h", "1", "1.5h", "1 h", "1H", "1g", "1hh", "1h30m",
                             "99999999999999999999s", "999999999999d", "9999999999T"}) {
        EXPECT_THROW(parse_rotation(text), base::Error) << text;
    }
    try {
        parse_rotation("often");
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
        EXPECT_NE(std::string(error.what()).find("--rotate often"), std::string::npos);
    }
}

TEST(RotationRule, RepeatedOptionsCombine) {
    RotationRule rule;
    for (const char* text : {"1h", "500M", "2h"}) {
        rule.merge(parse_rotation(text));
    }
    EXPECT_EQ(rule, (RotationRule{2h, 524'288'000U}));
}

TEST(Rotation, IsDueByWhicheverComesFirst) {
    const Rotation never("a.db", {}, {});
    EXPECT_FALSE(never.due(test::at(0), test::at(1'000'000'000), ~0ULL));
    const Rotation either("a.db", {60s, 1000U}, {});
    EXPECT_FALSE(either.due(test::at(0), test::at(59'999), 999));
    EXPECT_TRUE(either.due(test::at(0), test::at(60'000), 0));
    EXPECT_TRUE(either.due(test::at(0), test::at(0), 1000));
    EXPECT_FALSE(either.due(test::at(0), test::at(-120'000), 0)) << "a clock that went back";
}

TEST(Rotation, NamesByTheBeginningOfTheRun) {
    const TemporaryDirectory directory;
    Rotation rotation(directory / "call.db", {}, {});
    for (const char* name :
         {"call-20261121T090500Z.db", "call-20261121T090500Z-2.db", "call-20261121T090500Z-3.db"}) {
        touch(directory / "call.db");
        const auto outcome = rotation.rotate(test::at(999));
        EXPECT_EQ(outcome.put_aside, directory / name);
        EXPECT_TRUE(outcome.notices.empty());
    }
    EXPECT_EQ(names(directory),
              (std::set<std::string>{"call-20261121T090500Z.db", "call-20261121T090500Z-2.db",
                                     "call-20261121T090500Z-3.db"}));
}

TEST(Rotation, TakesTheLogAlong) {
    const TemporaryDirectory directory;
    touch(directory / "call.db");
    touch(directory / "call.db-wal");
    touch(directory / "call.db-shm");
    EXPECT_TRUE(Rotation(directory / "call.db", {}, {}).rotate(test::at(0)).notices.empty());
    EXPECT_EQ(names(directory),
              (std::set<std::string>{"call-20261121T090500Z.db", "call-20261121T090500Z.db-wal",
                                     "call-20261121T090500Z.db-shm"}));
}

TEST(Rotation, KeepsTheNewestAndWhatIsNotItsOwn) {
    const TemporaryDirectory directory;
    const std::set<std::string> others{"call-20260101T000000Z.db.bak",
                                       "call-2026.db",
                                       "call-20260101T000000Z-x.db",
                                       "call-20260101T000000Z-01.db",
                                       "call-old.db",
                                       "call2-20260101T000000Z.db",
                                       "all-20260101T000000Z.db",
                                       "call-20260101T000000.db"};
    for (const auto& name : others) {
        touch(directory / name.c_str());
    }
    // A folder of such a name is not one of ours.
    std::filesystem::create_directory(directory / "call-20250101T000000Z.db");
    for (const char* name : {"call.db", "call-20261119T000000Z.db", "call-20261119T000000Z.db-wal",
                             "call-20261119T000000Z-2.db", "call-20261119T000000Z-10.db",
                             "call-20261120T000000Z.db"}) {
        touch(directory / name);
    }
    const auto outcome = Rotation(directory / "call.db", {}, 3).rotate(test::at(0));
    EXPECT_TRUE(outcome.notices.empty());
    auto expected = others;
    expected.insert({"call-20250101T000000Z.db", "call-20261121T090500Z.db",
                     "call-20261120T000000Z.db", "call-20261119T000000Z-10.db"});
    EXPECT_EQ(names(directory), expected);
}

TEST(Rotation, SaysWhatItCouldNotDo) {
    const TemporaryDirectory directory;
    const auto missing = Rotation(directory / "gone/call.db", {}, 1).rotate(test::at(0));
    EXPECT_TRUE(missing.put_aside.empty());
    ASSERT_EQ(missing.notices.size(), 2U);
    EXPECT_NE(missing.notices[0].find("cannot be renamed"), std::string::npos);
    EXPECT_NE(missing.notices[1].find("cannot be listed"), std::string::npos);
    // The log goes first; without its database it goes back.
    touch(directory / "call.db-wal");
    const auto incomplete = Rotation(directory / "call.db", {}, {}).rotate(test::at(0));
    EXPECT_TRUE(incomplete.put_aside.empty());
    EXPECT_EQ(names(directory), std::set<std::string>{"call.db-wal"});
}

TEST(Rotation, DoesNotTryAgainEverySecond) {
    const TemporaryDirectory directory;
    Rotation rotation(directory / "gone/call.db", {{}, 1000U}, {});
    EXPECT_TRUE(rotation.due(test::at(0), test::at(0), 5000));
    EXPECT_TRUE(rotation.rotate(test::at(0)).put_aside.empty());
    EXPECT_FALSE(rotation.due(test::at(0), test::at(59'999), 5000));
    EXPECT_TRUE(rotation.due(test::at(0), test::at(60'000), 5000));
}

TEST(Rotation, AReaderMayGoOnInTheOldFile) {
    const TemporaryDirectory directory;
    const test::SampleRun sample;
    const test::LiveChanges changes(sample);
    Rotation rotation(directory / "call.db", {}, 5);
    auto writer = std::make_unique<store::LiveWriter>(directory / "call.db");
    writer->begin(sample.start);
    writer->commit(changes.of(sample));
    store::Database reader(directory / "call.db", store::Access::read_only);
    reader.execute("BEGIN");
    EXPECT_EQ(test::scalar(reader, "SELECT count(*) FROM flows"), "7");
    writer->end(true);
    writer.reset();
    const auto outcome = rotation.rotate(sample.start.started_at);
    EXPECT_TRUE(outcome.notices.empty());
    writer = std::make_unique<store::LiveWriter>(directory / "call.db");
    EXPECT_EQ(writer->begin(sample.start), 1);
    writer->commit(changes.of(sample));
    EXPECT_EQ(test::scalar(reader, "SELECT count(*) FROM flows"), "7");
    reader.execute("COMMIT");
    EXPECT_TRUE(store::Reader(outcome.put_aside).runs().at(0).complete);
    EXPECT_FALSE(store::Reader(directory / "call.db").runs().at(0).complete);
    EXPECT_EQ(test::scalar(reader, "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace turnpike
