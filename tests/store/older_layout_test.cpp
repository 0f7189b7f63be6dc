// Databases of older layouts: 1, from before turnpike could capture live, 2, which knew no
// controls, and 4, which did not count media second by second.
#include <fmt/core.h>
#include <gmock/gmock.h>
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

/// What the layout of a database is made older by.
struct Older {
    const char* name;
    int layout;
    bool stories;  ///< layout 1 had none at first
};
constexpr Older without_stories{"Layout1WithoutStories", 1, false};
constexpr Older with_stories{"Layout1WithStories", 1, true};
constexpr Older before_controls{"Layout2", 2, true};
constexpr Older before_seconds{"Layout4", 4, true};

void remove_from(std::string& text, std::string_view part) {
    if (const auto place = text.find(part); place != std::string::npos) {
        text.erase(place, part.size());
    }
}

/// Layout 4 keeps a flow's candidates and story as lists in its verdict's row; before, they were
/// rows of their own. Headlines came with it.
void take_lists_apart(Database& database) {
    auto events = scalar(database, "SELECT sql FROM sqlite_schema WHERE name = 'flow_events'");
    events = events.substr(0, events.find("\n    FROM")) + " FROM flow_event e";
    database.execute(
        "INSERT INTO flow_event SELECT row_number() OVER (), v.flow >> 32, v.flow, "
        "CAST(e.value AS INTEGER), CAST(substr(e.value, instr(e.value, ' ') + 1) AS INTEGER), "
        "substr(e.value, instr(e.value, ' ') + 18) FROM flow_verdict v, json_each(v.story) e;"
        "INSERT INTO flow_candidate SELECT row_number() OVER (), flow >> 32, flow, rank, product, "
        "rule, nullif(substr(rest, 1, instr(rest, char(9)) - 1), ''), confidence, "
        "substr(rest, instr(rest, char(9)) + 1) FROM (SELECT flow, rank, product, rule, "
        "substr(rest, 1, instr(rest, char(9)) - 1) AS confidence, "
        "substr(rest, instr(rest, char(9)) + 1) AS rest FROM (SELECT v.flow, "
        "CAST(substr(e.value, 1, 4) AS INTEGER) AS rank, "
        "CAST(substr(e.value, 5, 19) AS INTEGER) AS product, "
        "nullif(CAST(substr(e.value, 24, 19) AS INTEGER), 0) AS rule, "
        "substr(e.value, 43) AS rest FROM flow_verdict v, json_each(v.candidates) e));"
        "DROP VIEW flow_candidates; DROP VIEW flow_events; DROP VIEW headlines;"
        "DROP TABLE headline;"
        "ALTER TABLE flow_verdict DROP COLUMN candidates;"
        "ALTER TABLE flow_verdict DROP COLUMN story;"
        "CREATE VIEW flow_candidates AS SELECT c.run_id, c.flow & 0xffffffff AS flow_id, c.rank, "
        "p.vendor, p.product, p.revision, r.rule_id, c.ports, c.confidence, c.matched "
        "FROM flow_candidate c JOIN product p ON p.id = c.product LEFT JOIN rule r ON r.id = "
        "c.rule");
    database.execute(events);
}

/// Takes away what later layouts added: columns of tables, and of the views over them.
void make_older(Database& database, const Older& older) {
    database.execute("DROP VIEW rtp_seconds; ALTER TABLE rtp_stream DROP COLUMN seconds");
    if (older.layout == 4) {
        database.execute("PRAGMA user_version = 4");
        return;
    }
    take_lists_apart(database);
    std::vector<std::string> views;
    for (const char* const name : {"runs", "domains", "evidence", "flows"}) {
        auto sql =
            scalar(database, fmt::format("SELECT sql FROM sqlite_schema WHERE name = '{}'", name));
        for (const char* const column :
             {",\n    run.answered AS answered", ",\n    domain.notes AS notes",
              ",\n    flow_verdict.control_flow AS control_flow_id"}) {
            remove_from(sql, column);
        }
        if (older.layout < 2) {
            remove_from(sql, ",\n    run.unseen AS bytes_unseen");
        }
        views.push_back(sql);
        database.execute(fmt::format("DROP VIEW {}", name));
    }
    database.execute(
        "ALTER TABLE run DROP COLUMN answered; ALTER TABLE domain DROP COLUMN notes;"
        "ALTER TABLE flow_verdict DROP COLUMN control_flow");
    if (older.layout < 2) {
        database.execute("ALTER TABLE run DROP COLUMN unseen");
    }
    if (!older.stories) {
        database.execute("DROP VIEW flow_events; DROP TABLE flow_event");
    }
    for (const auto& sql : views) {
        database.execute(sql);
    }
    database.execute(fmt::format("PRAGMA user_version = {}", older.layout));
}

class OlderLayout : public testing::TestWithParam<Older> {
  protected:
    OlderLayout() {
        sample.observation.quality.unseen_octets = 0;  // nobody counted them
        sample.result.flows[6].control = 0;            // and nobody named controls
        sample.write(path);
        as_written = content_of(path, 1);
        sample.result.flows[6].control = 2;
        Database database(path, Access::read_write);
        make_older(database, GetParam());
        std::erase_if(as_written, [](const auto& row) {
            return row.starts_with("rtp_seconds|") ||
                   (row.starts_with("headlines|") && GetParam().layout < 4);
        });
        if (!GetParam().stories) {
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
    EXPECT_TRUE(runs[0].answered);
    EXPECT_THAT(reader.columns("runs"), ::testing::IsSupersetOf({"bytes_unseen", "answered"}));
    EXPECT_THAT(reader.columns("domains"), ::testing::Contains("notes"));
    EXPECT_THAT(reader.columns("flows"), ::testing::Contains("control_flow_id"));
    EXPECT_EQ(reader.evidence(1).front().control_flow_id, 0);
    EXPECT_EQ(reader.flow_groups(1, 100).blocked_in_all, 2U);
    EXPECT_EQ(reader.top_protocols(1, 1).size(), 1U);
    EXPECT_EQ(content_of(path, 1), as_written);
    EXPECT_EQ(ask("PRAGMA user_version"), std::to_string(GetParam().layout)) << "it is only read";
}

TEST_P(OlderLayout, TakesARunOfTheOneShotWriter) {
    EXPECT_EQ(sample.write(path), 2);
    EXPECT_EQ(ask("PRAGMA user_version"), std::to_string(store::layout_version));
    EXPECT_EQ(content_of(path, 1), as_written);
    EXPECT_EQ(ask("SELECT count(*) FROM requirements WHERE run_id = 2"), "7");
    EXPECT_EQ(ask("SELECT control_flow_id FROM flows WHERE run_id = 2 AND flow_id = 7"), "2");
    EXPECT_EQ(ask("SELECT control_flow_id FROM flows WHERE run_id = 1 AND flow_id = 7"), "NULL");
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

INSTANTIATE_TEST_SUITE_P(Store, OlderLayout,
                         testing::Values(without_stories, with_stories, before_controls,
                                         before_seconds),
                         [](const auto& which) { return std::string(which.param.name); });

}  // namespace
}  // namespace turnpike
