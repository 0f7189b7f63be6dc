// What the flows of a run come down to, against plain questions to the view `flows`.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/sample_run.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using store::Access;
using store::Database;
using store::Reader;
using store::Statement;
using test::SampleRun;
using test::TemporaryDirectory;

constexpr std::size_t everything = 1'000'000;

/// Two runs; the second has 3,000 more flows with verdicts of all kinds, as if from packets.
std::int64_t many_flows(const std::filesystem::path& path) {
    const SampleRun sample;
    sample.write(path);
    const auto run = sample.write(path);
    Database database(path, Access::read_write);
    database.execute(fmt::format(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 3999) SELECT i, i * 2654435761 % 4294967296 / 7 AS r FROM n;"
        "CREATE TEMP TABLE one AS SELECT * FROM flow WHERE run_id = {0} LIMIT 1;"
        "CREATE TEMP TABLE two AS SELECT * FROM flow_verdict WHERE rule IS NOT NULL AND "
        "flow >> 32 = {0} LIMIT 1;",
        run));
    Statement numbers(database, "SELECT i, r FROM n");
    Statement change_flow(
        database,
        "UPDATE one SET id = ?1, protocol = CASE ?2 % 5 WHEN 0 THEN 'tls' WHEN 1 "
        "THEN 'dns' WHEN 2 THEN 'rtp' ELSE '' END, client_ip = '192.0.2.' || (?2 / 3 % 7), "
        "server_port = 440 + ?2 / 21 % 4");
    Statement add_flow(database, "INSERT INTO flow SELECT * FROM one");
    Statement change_verdict(
        database,
        "UPDATE two SET flow = ?1, outcome = CASE ?2 / 84 % 3 WHEN 0 THEN 'blocked' WHEN 1 THEN "
        "'passed' ELSE 'inconclusive' END, block_reason = CASE WHEN ?2 / 84 % 3 = 0 THEN "
        "CASE ?2 / 252 % 2 WHEN 0 THEN 'tcp_timeout' ELSE 'tls_reset' END END, "
        "inconclusive_reason = CASE WHEN ?2 / 84 % 3 = 2 THEN CASE ?2 / 252 % 2 WHEN 0 THEN "
        "'intermittent' ELSE 'no_answer' END END, ports = '44' || (?2 / 504 % 3), "
        "server_name = CASE WHEN ?2 / 1512 % 2 THEN 'a' || (?2 % 50) END");
    Statement add_verdict(database, "INSERT INTO flow_verdict SELECT * FROM two");
    store::Transaction transaction(database);
    while (numbers.step()) {
        const std::int64_t key = (run << 32) + numbers.integer(0);
        change_flow.run(key, numbers.integer(1));
        add_flow.run();
        change_verdict.run(key, numbers.integer(1));
        add_verdict.run();
    }
    transaction.commit();
    return run;
}

/// The rows of a question as text.
std::vector<std::string> ask(const std::filesystem::path& path, const std::string& sql) {
    Database database(path, Access::read_only);
    Statement query(database, sql);
    std::vector<std::string> rows;
    while (query.step()) {
        std::string& row = rows.emplace_back();
        for (int i = 0; i < query.columns(); ++i) {
            row += std::string(query.text(i)) + '|';
        }
    }
    return rows;
}

std::vector<std::string> texts_of(const std::vector<store::BlockedGroup>& groups) {
    std::vector<std::string> rows;
    for (const auto& group : groups) {
        rows.push_back(fmt::format("{}|{}|{}|{}|{}|{}|{}|", group.transport, group.server_port,
                                   group.block_reason, group.client_ip, group.flows,
                                   group.example_flow, group.server));
    }
    return rows;
}

std::vector<std::string> texts_of(const std::vector<store::NamedFlows>& rows) {
    std::vector<std::string> texts;
    for (const auto& row : rows) {
        texts.push_back(fmt::format("{}|{}|{}|{}|", row.name, row.flows, row.passed, row.blocked));
    }
    return texts;
}

/// Columns beside min() are those of the row that has it (sqlite.org/lang_select.html, "Bare
/// columns in an aggregate query").
std::string blocked_sql(std::int64_t run) {
    return fmt::format(
        "SELECT transport, server_port, block_reason, client_ip, count(*) AS flows, min(flow_id) "
        "AS example, CASE WHEN server_name <> '' THEN server_name ELSE server_ip END FROM flows "
        "WHERE run_id = {} AND outcome = 'blocked' "
        "GROUP BY transport, server_port, block_reason, client_ip ORDER BY flows DESC, example",
        run);
}

TEST(FlowGroups, AreWhatTheViewGroupsByClientPortAndReason) {
    const TemporaryDirectory directory;
    const auto run = many_flows(directory / "a.db");
    Reader reader(directory / "a.db");
    const auto expected = ask(directory / "a.db", blocked_sql(run));
    ASSERT_GT(expected.size(), 50U);
    const auto all = reader.flow_groups(run, everything);
    EXPECT_EQ(texts_of(all.blocked), expected);
    EXPECT_EQ(all.blocked_in_all, expected.size());

    const auto few = reader.flow_groups(run, 5);
    EXPECT_EQ(texts_of(few.blocked), std::vector(expected.begin(), expected.begin() + 5));
    EXPECT_EQ(few.blocked_in_all, expected.size());
}

TEST(FlowGroups, AreThoseOfTheirRunAlone) {
    const TemporaryDirectory directory;
    const auto run = many_flows(directory / "a.db");
    Reader reader(directory / "a.db");
    EXPECT_EQ(texts_of(reader.flow_groups(run - 1, everything).blocked),
              ask(directory / "a.db", blocked_sql(run - 1)));
    const auto none = reader.flow_groups(run + 1, everything);
    EXPECT_TRUE(none.blocked.empty());
    EXPECT_EQ(none.blocked_in_all, 0U);
}

TEST(FlowGroups, CountFailuresBesideSuccessesByRequirement) {
    const TemporaryDirectory directory;
    const auto run = many_flows(directory / "a.db");
    Reader reader(directory / "a.db");
    std::vector<std::string> counted;
    for (const auto& [name, flows] : reader.flow_groups(run, 1).intermittent) {
        counted.push_back(fmt::format("{}|{}|{}|{}|{}|{}|{}|", name.product.vendor,
                                      name.product.product, name.product.revision, name.rule_id,
                                      name.transport, name.ports, flows));
    }
    const auto expected = ask(
        directory / "a.db",
        fmt::format("SELECT vendor, product, revision, rule_id, transport, ports, count(*) FROM "
                    "flows WHERE run_id = {} AND inconclusive_reason = 'intermittent' AND "
                    "rule_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6",
                    run));
    ASSERT_GE(expected.size(), 3U);
    EXPECT_THAT(counted, testing::UnorderedElementsAreArray(expected));
}

TEST(FlowGroups, SayWhetherAFlowIsOneSided) {
    const TemporaryDirectory directory;
    const auto run = many_flows(directory / "a.db");
    const auto any = [&] { return Reader(directory / "a.db").flow_groups(run, 1).any_one_sided; };
    EXPECT_FALSE(any());
    Database(directory / "a.db", Access::read_write)
        .execute(
            "UPDATE flow_verdict SET outcome = 'inconclusive', inconclusive_reason = "
            "'one_sided_capture' WHERE flow & 0xffffffff = 1234");
    EXPECT_TRUE(any());
}

TEST(FlowGroups, NameTheMostFrequentNamesAndProtocols) {
    const TemporaryDirectory directory;
    const auto run = many_flows(directory / "a.db");
    Reader reader(directory / "a.db");
    const auto expected = [&](std::string_view column) {
        return ask(directory / "a.db",
                   fmt::format("SELECT {0}, count(*) AS flows, sum(outcome = 'passed'), "
                               "sum(outcome = 'blocked') FROM flows WHERE run_id = {1} AND {0} <> "
                               "'' GROUP BY {0} ORDER BY flows DESC, {0} LIMIT 2",
                               column, run));
    };
    EXPECT_EQ(texts_of(reader.top_names(run, 2)), expected("server_name"));
    EXPECT_EQ(texts_of(reader.top_protocols(run, 2)), expected("protocol"));
}

}  // namespace
}  // namespace turnpike
