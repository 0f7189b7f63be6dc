// Databases of layout 1, as turnpike wrote them before it could capture live.
#include <gtest/gtest.h>

#include "store/live_run.h"
#include "store/schema.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using store::Access;
using store::Database;
using test::content_of;
using test::LiveChanges;
using test::SampleRun;
using test::scalar;
using test::TemporaryDirectory;

// Layout 1 had no run.unseen, and at first neither stories.
constexpr const char* to_layout_1 = R"sql(
DROP VIEW runs;
ALTER TABLE run DROP COLUMN unseen;
CREATE VIEW runs AS SELECT run_id, '2026-11-21T10:05:00.000000Z' AS started_at, source,
    '2026-11-21T09:05:00.000000Z' AS first_packet, '2026-11-21T09:06:01.500000Z' AS last_packet,
    packets, bytes, dropped AS packets_dropped, malformed AS packets_malformed,
    duplicate AS packets_duplicate, complete, version AS turnpike_version, selectors,
    cut AS packets_cut, ip_packets AS packets_ip, non_ip AS packets_non_ip,
    fragments AS packets_fragments, backward_steps, cut_off, one_sided, copying, flows,
    flows_passed, flows_blocked, flows_inconclusive FROM run;
PRAGMA user_version = 1;
)sql";
constexpr const char* without_stories = "DROP VIEW flow_events; DROP TABLE flow_event;";

class OlderLayout : public testing::TestWithParam<bool> {
  protected:
    OlderLayout() {
        sample.observation.quality.unseen_octets = 0;  // nobody counted them
        sample.write(path);
        as_written = content_of(path, 1);
        Database database(path, Access::read_write);
        database.execute(to_layout_1);
        if (GetParam()) {
            database.execute(without_stories);
            std::erase_if(as_written,
                          [](const auto& row) { return row.starts_with("flow_events|"); });
        }
    }
    std::string ask(const std::string& sql) const {
        Database database(path, Access::read_only);
        return scalar(database, sql);
    }

    TemporaryDirectory directory;
    std::filesystem::path path = directory / "old.db";
    SampleRun sample;
    std::vector<std::string> as_written;
};

TEST_P(OlderLayout, IsReadAsItIs) {
    store::Reader reader(path);
    const auto runs = reader.runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].flows, 7U);
    EXPECT_EQ(runs[0].bytes_unseen, 0U);
    EXPECT_EQ(reader.requirements(1).size(), 7U);
    EXPECT_EQ(reader.columns("runs").back(), "bytes_unseen");
    EXPECT_EQ(content_of(path, 1), as_written);
    EXPECT_EQ(ask("PRAGMA user_version"), "1");
}

TEST_P(OlderLayout, TakesARunOfTheOneShotWriter) {
    EXPECT_EQ(sample.write(path), 2);
    EXPECT_EQ(ask("PRAGMA user_version"), std::to_string(store::layout_version));
    EXPECT_EQ(content_of(path, 1), as_written);
    EXPECT_EQ(ask("SELECT count(*) FROM requirements WHERE run_id = 2"), "7");
    EXPECT_NE(ask("SELECT count(*) FROM flow_events WHERE run_id = 2"), "0");
    EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
}

TEST_P(OlderLayout, TakesARunOfTheLiveWriter) {
    sample.observation.quality.unseen_octets = 1460;
    const LiveChanges changes(sample);
    store::LiveWriter writer(path);
    EXPECT_EQ(writer.begin(sample.start), 2);
    writer.commit(changes.of(sample));
    writer.end(true);
    EXPECT_EQ(content_of(path, 1), as_written);
    EXPECT_EQ(ask("SELECT group_concat(bytes_unseen) FROM runs"), "0,1460");
}

// A program that was killed just after bringing a file up to date may leave that in the log.
TEST_P(OlderLayout, MayHaveBeenBroughtUpToDateInTheLog) {
    Database database(path, Access::read_write);
    database.execute("PRAGMA journal_mode = WAL");
    const LiveChanges changes(sample);
    store::LiveWriter writer(path);
    writer.begin(sample.start);
    writer.commit(changes.of(sample));
    EXPECT_EQ(content_of(path, 1), as_written);
    store::LiveWriter second(path);
    EXPECT_EQ(second.begin(sample.start), 3);
}

INSTANTIATE_TEST_SUITE_P(Store, OlderLayout, testing::Bool(), [](const auto& which) {
    return which.param ? "WithoutStories" : "WithStories";
});

}  // namespace
}  // namespace turnpike
