// What a stored run holds, and what becomes of the file when writing fails.
#include "turnpike/store/writer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/database.h"
#include "store/sample_run.h"
#include "store/schema.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using base::Error;
using base::ExitStatus;
using store::Access;
using store::Database;
using store::Statement;
using test::SampleRun;
using test::TemporaryDirectory;

// The columns of the interface, transcribed from its document: names here may never go away.
const std::map<std::string, std::vector<std::string>>& interface_columns() {
    static const std::map<std::string, std::vector<std::string>> columns{
        {"runs",
         {"run_id", "started_at", "source", "first_packet", "last_packet", "packets", "bytes",
          "packets_dropped", "packets_malformed", "packets_duplicate", "complete",
          "turnpike_version"}},
        {"requirements",
         {"run_id", "vendor", "product", "revision", "rule_id", "purpose", "level", "transport",
          "ports", "destination", "status", "block_reason", "stage", "grade", "flows_passed",
          "flows_blocked", "flows_inconclusive", "first_seen", "last_seen"}},
        {"domains",
         {"run_id", "vendor", "product", "revision", "rule_id", "pattern", "status", "block_reason",
          "names_seen"}},
        {"flows",
         {"run_id",
          "flow_id",
          "transport",
          "client_ip",
          "client_port",
          "server_ip",
          "server_port",
          "first_seen",
          "last_seen",
          "packets_out",
          "packets_in",
          "bytes_out",
          "bytes_in",
          "protocol",
          "server_name",
          "server_name_source",
          "outcome",
          "block_reason",
          "stage",
          "grade",
          "inconclusive_reason",
          "notes",
          "evidence",
          "control_flow_id",
          "vendor",
          "product",
          "revision",
          "rule_id",
          "confidence"}},
        {"dns_queries",
         {"run_id", "time", "client_ip", "resolver_ip", "qname", "qtype", "rcode", "answers"}},
        {"tls_hellos", {"run_id", "flow_id", "carrier", "sni", "alpn", "version", "ech", "ja4"}},
        {"stun_transactions",
         {"run_id", "flow_id", "time", "method", "outcome", "error_code", "sends", "rtt_ms",
          "realm", "software", "mapped_address", "relayed_address", "peer_address"}},
        {"rtp_streams",
         {"run_id", "flow_id", "direction", "ssrc", "payload_type", "packets", "lost", "jitter_ms",
          "first_seen", "last_seen"}},
        {"icmp_errors", {"run_id", "flow_id", "time", "source_ip", "icmp_version", "type", "code"}},
    };
    return columns;
}

// One row of a query as texts; NULL is "NULL".
std::vector<std::string> row(Database& database, const std::string& sql) {
    Statement query(database, sql);
    std::vector<std::string> cells;
    if (query.step()) {
        for (int i = 0; i < query.columns(); ++i) {
            cells.emplace_back(query.type(i) == SQLITE_NULL ? "NULL" : query.text(i));
        }
    }
    return cells;
}

std::string first_cell(Database& database, const std::string& sql) {
    const auto cells = row(database, sql);
    return cells.empty() ? "no row" : cells[0];
}

ExitStatus status_of(const std::function<void()>& action, std::string& message) {
    try {
        action();
    } catch (const Error& error) {
        message = error.what();
        return error.status();
    }
    return ExitStatus::done;
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Writer, MarksItsFile) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    sample.write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(database.integer("PRAGMA application_id"), store::application_id);
    EXPECT_EQ(database.integer("PRAGMA user_version"), store::layout_version);
    EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(first_cell(database, "PRAGMA foreign_key_check"), "no row");
}

TEST(Writer, LeavesASingleFileAtTheEnd) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        names.insert(entry.path().filename());
    }
    EXPECT_EQ(names, std::set<std::string>{"a.db"});
}

TEST(Writer, TablesAreStrictAndViewsHaveTheInterfacesColumns) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    Statement tables(database,
                     "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' "
                     "AND type = 'table' AND name NOT LIKE 'sqlite_%'");
    int count = 0;
    while (tables.step()) {
        EXPECT_EQ(tables.integer(1), 1) << tables.text(0);
        ++count;
    }
    EXPECT_GE(count, 18);
    for (const auto& [view, wanted] : interface_columns()) {
        const Statement query(database, "SELECT * FROM " + view);
        std::set<std::string> have;
        for (int i = 0; i < query.columns(); ++i) {
            have.emplace(query.name(i));
        }
        for (const auto& column : wanted) {
            EXPECT_TRUE(have.contains(column)) << view << "." << column;
        }
    }
}

TEST(Writer, EveryViewCanBeRead) {
    const TemporaryDirectory directory;
    SampleRun sample;
    sample.result.headlines = {{sample.result.considered.front(), verdict::HeadlineState::fallback,
                                "works, but over the fallback", "Open outbound UDP port 3478"}};
    sample.write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    for (const auto view : store::Reader::views()) {
        Statement query(database, "SELECT * FROM " + std::string(view));
        EXPECT_TRUE(query.step()) << view;
    }
}

TEST(Writer, RunHoldsTheCapturesFigures) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database,
                  "SELECT run_id, started_at, source, first_packet, last_packet, packets, bytes, "
                  "packets_dropped, packets_malformed, packets_duplicate, complete, "
                  "turnpike_version FROM runs"),
              (std::vector<std::string>{
                  "1", "2026-11-21T10:05:00.000000Z", "call.pcap", "2026-11-21T09:05:00.000000Z",
                  "2026-11-21T09:06:01.500000Z", "1000", "123456", "4", "3", "7", "1", "0.1.0"}));
}

TEST(Writer, RequirementsSayWhatTheyRestOn) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database,
                  "SELECT vendor, product, revision, purpose, level, transport, ports, "
                  "destination, status, block_reason, stage, grade, flows_passed, flows_blocked, "
                  "flows_inconclusive, first_seen, last_seen FROM requirements "
                  "WHERE rule_id = 'turn-udp'"),
              (std::vector<std::string>{
                  "acme", "meet", "2026-01-01", "Media relay over UDP", "required", "udp", "3478",
                  "turn.acme.example", "blocked", "icmp_prohibited", "udp", "A", "0", "1", "0",
                  "2026-11-21T09:05:03.000000Z", "2026-11-21T09:05:03.500000Z"}));
    EXPECT_EQ(row(database,
                  "SELECT status, block_reason, stage, grade, first_seen FROM requirements "
                  "WHERE rule_id = 'logs'"),
              (std::vector<std::string>{"unmatched", "NULL", "NULL", "NULL", "NULL"}));
    EXPECT_EQ(first_cell(database,
                         "SELECT group_concat(flow_id) FROM evidence "
                         "WHERE rule_id = 'signalling'"),
              "7,2");
    EXPECT_EQ(first_cell(database, "SELECT qname FROM dns_evidence WHERE rule_id = 'chat'"),
              "chat.acme.example");
}

TEST(Writer, FlowsCarryFactsVerdictAndRule) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database,
                  "SELECT transport, client_ip, client_port, server_ip, server_port, first_seen, "
                  "last_seen, packets_out, packets_in, bytes_out, bytes_in, protocol, server_name, "
                  "server_name_source, outcome, block_reason, stage, grade, inconclusive_reason, "
                  "notes, evidence, vendor, product, revision, rule_id, confidence FROM flows "
                  "WHERE flow_id = 3"),
              (std::vector<std::string>{"udp",
                                        "192.168.1.10",
                                        "50002",
                                        "198.51.100.9",
                                        "3478",
                                        "2026-11-21T09:05:03.000000Z",
                                        "2026-11-21T09:05:03.500000Z",
                                        "7",
                                        "0",
                                        "700",
                                        "0",
                                        "stun",
                                        "turn.acme.example",
                                        "dns",
                                        "blocked",
                                        "icmp_prohibited",
                                        "udp",
                                        "A",
                                        "NULL",
                                        "NULL",
                                        "30,33",
                                        "acme",
                                        "meet",
                                        "2026-01-01",
                                        "turn-udp",
                                        "dns"}));
    // RFC 5952 4.2.3: of two equal runs of zeros the first is shortened.
    EXPECT_EQ(first_cell(database, "SELECT server_ip FROM flows WHERE flow_id = 5"),
              "2001:db8::1:0:0:9");
    EXPECT_EQ(first_cell(database, "SELECT notes FROM flows WHERE flow_id = 4"),
              "stun_error 401, late_reset");
}

TEST(Writer, AFlowWithoutAFittingRuleHasNone) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database, "SELECT vendor, rule_id FROM flows WHERE flow_id = 6"),
              (std::vector<std::string>{"acme", "NULL"}));
    EXPECT_EQ(row(database, "SELECT vendor, rule_id, confidence FROM flows WHERE flow_id = 1"),
              (std::vector<std::string>{"NULL", "NULL", "NULL"}));
    EXPECT_EQ(row(database, "SELECT what, detail, nearest_rule_id, flow_id FROM undocumented"),
              (std::vector<std::string>{"undocumented port", "udp 4443 to turn.acme.example",
                                        "turn-udp", "6"}));
}

TEST(Writer, KeepsEveryCandidateOfAnAmbiguousFlow) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database,
                         "SELECT group_concat(rank || ' ' || rule_id) FROM flow_candidates "
                         "WHERE flow_id = 4"),
              "1 turn-tls,2 signalling");
    EXPECT_EQ(first_cell(database, "SELECT count(*) FROM flow_candidates"), "2");
}

TEST(Writer, DnsQueriesHaveNamesAndNullWhereUnanswered) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database,
                  "SELECT time, client_ip, resolver_ip, qname, qtype, rcode, answers "
                  "FROM dns_queries LIMIT 1"),
              (std::vector<std::string>{"2026-11-21T09:05:01.000000Z", "192.168.1.10",
                                        "192.168.1.1", "app.acme.example", "A", "NOERROR",
                                        "edge.acme.example, 198.51.100.7"}));
    EXPECT_EQ(row(database, "SELECT qtype, rcode, answers FROM dns_queries LIMIT 1 OFFSET 1"),
              (std::vector<std::string>{"AAAA", "NXDOMAIN", "NULL"}));
    EXPECT_EQ(row(database,
                  "SELECT qname, qtype, rcode, sends FROM dns_queries "
                  "LIMIT 1 OFFSET 2"),
              (std::vector<std::string>{"odd\\x1b[31m.acme.example", "HTTPS", "NULL", "2"}));
}

TEST(Writer, AddressHintsOfServiceRecordsAreNoAnswers) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database, "SELECT answers, address_hints FROM dns_queries LIMIT 1 OFFSET 3"),
              (std::vector<std::string>{"1 . alpn=h2", "198.51.100.7"}));
}

TEST(Writer, ProtocolFactsKeepUnitsAndNulls) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "a.db");
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(row(database,
                  "SELECT flow_id, carrier, sni, alpn, version, ech, ja4 "
                  "FROM tls_hellos"),
              (std::vector<std::string>{"2", "tcp", "app.acme.example", "h2,http/1.1", "1.3", "0",
                                        "t13d1516h2_8daaf6152771_b186095e22b6"}));
    EXPECT_EQ(row(database,
                  "SELECT flow_id, method, outcome, error_code, sends, rtt_ms, realm, software, "
                  "mapped_address, relayed_address, peer_address FROM stun_transactions"),
              (std::vector<std::string>{"4", "allocate", "error", "401", "1", "20.5",
                                        "acme.example", "relay/1.0", "203.0.113.5:61000", "NULL",
                                        "203.0.113.6:1, [2001:db8::1]:2"}));
    EXPECT_EQ(row(database,
                  "SELECT flow_id, direction, ssrc, payload_type, packets, lost, "
                  "jitter_ms FROM rtp_streams"),
              (std::vector<std::string>{"5", "out", "0x0000beef", "111", "90", "2", "NULL"}));
    EXPECT_EQ(row(database,
                  "SELECT flow_id, time, source_ip, icmp_version, type, code "
                  "FROM icmp_errors"),
              (std::vector<std::string>{"3", "2026-11-21T09:05:03.100000Z", "192.168.1.1", "4", "3",
                                        "13"}));
}

TEST(Writer, AppendsARunToAnExistingDatabase) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    EXPECT_EQ(sample.write(directory / "a.db"), 1);
    EXPECT_EQ(sample.write(directory / "a.db"), 2);
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "SELECT count(*) FROM runs WHERE complete = 1"), "2");
    EXPECT_EQ(first_cell(database,
                         "SELECT group_concat(run_id || ':' || n) FROM "
                         "(SELECT run_id, count(*) AS n FROM flows GROUP BY run_id)"),
              "1:7,2:7");
    EXPECT_EQ(first_cell(database, "SELECT flow_id FROM tls_hellos WHERE run_id = 2"), "2");
}

// All rows of all views of a run as texts, sorted, without the number of the run.
std::map<std::string, std::multiset<std::vector<std::string>>> views_of(Database& database,
                                                                        int run) {
    std::map<std::string, std::multiset<std::vector<std::string>>> views;
    for (const auto view : store::Reader::views()) {
        Statement query(database, fmt::format("SELECT * FROM {} WHERE run_id = {}", view, run));
        while (query.step()) {
            std::vector<std::string> cells;
            for (int i = 0; i < query.columns(); ++i) {
                cells.push_back(query.name(i) == "run_id"
                                    ? ""
                                    : fmt::format("{}:{}", query.type(i), query.text(i)));
            }
            views[std::string(view)].insert(std::move(cells));
        }
    }
    return views;
}

// So many flows that their table takes three levels of pages, and names and answers longer than a
// page.
void make_large(SampleRun& sample) {
    for (std::uint64_t id = 8; id < 60'000; ++id) {
        facts::Flow flow;
        flow.id = id;
        flow.client().endpoint = test::endpoint("192.0.2.1", static_cast<std::uint16_t>(id));
        flow.server().endpoint = test::endpoint(id % 2 == 0 ? "198.51.100.1" : "2001:db8::1", 443);
        flow.client().first = flow.client().last =
            test::mark(id, static_cast<std::int64_t>(id * id));
        flow.client().packets = id % 300;
        flow.client().bytes = id * id * id * id;
        sample.observation.flows.push_back(std::move(flow));
        verdict::FlowVerdict verdict;
        const std::size_t length = id % 5'000 == 0 ? id : id % 200;
        verdict.attribution.make().server_name = std::string(length, 'x');
        verdict.evidence = {id};
        sample.result.flows.push_back(std::move(verdict));
    }
    for (const std::size_t records : {100U, 1'000U, 255U, 256U}) {
        facts::DnsQuery query;
        query.id = sample.observation.dns.size() + 1;
        query.query = test::mark(1, 0);
        query.name = "many.example";
        for (std::size_t i = 0; i < records; ++i) {
            query.add_answer(1, 60, base::IpAddress::v4(0xc6336401));
        }
        sample.observation.dns.push_back(std::move(query));
    }
}

TEST(Writer, PagesHoldTheSameAsStatementsWrite) {
    const TemporaryDirectory directory;
    SampleRun sample;
    make_large(sample);
    EXPECT_EQ(sample.write(directory / "a.db"), 1);  // a fresh file: as pages
    EXPECT_EQ(sample.write(directory / "a.db"), 2);  // behind them: by statements
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
    const auto pages = views_of(database, 1);
    const auto statements = views_of(database, 2);
    EXPECT_EQ(pages.at("flows").size(), 59'999U);
    for (const auto& [view, rows] : statements) {
        EXPECT_TRUE(pages.contains(view) && pages.at(view) == rows) << view;
    }
    EXPECT_EQ(pages.size(), statements.size());
}

TEST(Writer, RowsThatAHelperMakesAreAsTheOthers) {
    const TemporaryDirectory directory;
    SampleRun sample;
    make_large(sample);
    {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
        writer.begin_verdicts(sample.observation, sample.result);
        std::atomic<bool> done = false;
        std::jthread helper([&] {
            while (!done) {  // also before there is something to help with
                writer.help_with_flow_verdicts();
            }
        });
        writer.write_flow_verdicts();
        done = true;
        helper.join();
        writer.write_summary();
        writer.end(sample.observation.quality, true);
    }
    EXPECT_EQ(sample.write(directory / "a.db"), 2);
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
    const auto helped = views_of(database, 1);
    for (const auto& [view, rows] : views_of(database, 2)) {
        EXPECT_TRUE(helped.contains(view) && helped.at(view) == rows) << view;
    }
}

TEST(Writer, AFileOfPagesIsWholeAtEveryLength) {
    for (const std::uint64_t flows : {7U, 8U, 50U, 60U, 70U, 100U, 5'000U, 20'000U}) {
        const TemporaryDirectory directory;
        SampleRun sample;
        for (std::uint64_t id = 8; id <= flows; ++id) {
            facts::Flow flow;
            flow.id = id;
            sample.observation.flows.push_back(std::move(flow));
        }
        sample.write(directory / "a.db");
        Database database(directory / "a.db", Access::read_only);
        EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok") << flows;
        EXPECT_EQ(first_cell(database, "SELECT count(*) FROM flow"), std::to_string(flows));
        EXPECT_EQ(first_cell(database, fmt::format("SELECT id & 0xffffffff FROM flow "
                                                   "WHERE id = (1 << 32) + {}",
                                                   flows)),
                  std::to_string(flows));
    }
}

// A page is filled where the one before it was.
TEST(Writer, BetweenPointersAndCellsOfAPageIsNothing) {
    constexpr std::size_t page_size = 4'096;  // sqlite.org/fileformat2.html 1.6
    constexpr std::size_t leaf_header = 8;
    constexpr std::size_t interior_header = 12;
    const TemporaryDirectory directory;
    SampleRun sample;
    for (std::uint64_t id = 8; id <= 500; ++id) {  // a root and its leaves
        sample.observation.flows.emplace_back().id = id;
    }
    sample.write(directory / "a.db");
    std::ifstream file(directory / "a.db", std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(file), {}};
    const auto number = [&octets](std::size_t at, std::size_t size) {
        std::size_t value = 0;
        for (const char octet : octets.substr(at, size)) {
            value = value << 8U | static_cast<std::uint8_t>(octet);
        }
        return value;
    };
    Database database(directory / "a.db", Access::read_only);
    const std::size_t root =
        (std::stoul(
             first_cell(database, "SELECT rootpage FROM sqlite_master WHERE name = 'flow'")) -
         1) *
        page_size;
    const std::size_t children = number(root + 3, 2);
    ASSERT_GT(children, 3U);
    for (std::size_t child = 0; child < children; ++child) {
        const std::size_t cell = number(root + interior_header + 2 * child, 2);
        const std::size_t page = (number(root + cell, 4) - 1) * page_size;
        ASSERT_EQ(number(page, 1), 0x0dU);  // a leaf
        const std::size_t pointers_end = leaf_header + 2 * number(page + 3, 2);
        const std::string gap =
            octets.substr(page + pointers_end, number(page + 5, 2) - pointers_end);
        EXPECT_EQ(gap, std::string(gap.size(), '\0')) << child;
    }
}

// What somebody else stored meanwhile in the fresh file is not written over.
TEST(Writer, PagesGiveWayToWhatAnotherProgramStored) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    {
        store::Writer first(directory / "a.db");
        first.begin(sample.start);
        EXPECT_EQ(sample.write(directory / "a.db"), 2);
        first.write_facts(sample.observation);
        first.write_verdicts(sample.observation, sample.result);
        first.end(sample.observation.quality, true);
    }
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(views_of(database, 1).at("flows"), views_of(database, 2).at("flows"));
}

TEST(Writer, TakesAnEmptyFileAsNew) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "a.db").close();
    EXPECT_EQ(SampleRun().write(directory / "a.db"), 1);
}

bool wrote(const SampleRun& sample, const std::filesystem::path& path) {
    try {
        sample.write(path);
        return true;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return false;
    }
}

TEST(Writer, SeveralMayMakeTheSameFileAtOnce) {
    constexpr int writers = 4;
    const SampleRun sample;
    for (int round = 0; round < 10; ++round) {
        const TemporaryDirectory directory;
        // Processes, as they would be: threads share their locks.
        std::array<pid_t, writers> children{};
        for (pid_t& child : children) {
            child = ::fork();
            if (child == 0) {
                ::_exit(wrote(sample, directory / "a.db") ? 0 : 1);
            }
        }
        for (const pid_t child : children) {
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            EXPECT_EQ(status, 0);
        }
        EXPECT_EQ(store::Reader(directory / "a.db").runs().size(), 4U);
    }
}

TEST(Writer, ARunThatDidNotEndIsIncomplete) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
    }
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "SELECT complete FROM runs"), "0");
    EXPECT_EQ(row(database, "SELECT outcome, server_name FROM flows WHERE flow_id = 2"),
              (std::vector<std::string>{"NULL", "NULL"}));
}

TEST(Writer, AKilledWriterLeavesADatabaseThatGoesOn) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    const pid_t child = ::fork();
    if (child == 0) {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
        ::_exit(0);  // no destructor runs, as after SIGKILL
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(sample.write(directory / "a.db"), 2);
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "SELECT group_concat(complete) FROM runs"), "0,1");
    EXPECT_EQ(first_cell(database, "SELECT count(*) FROM flows WHERE run_id = 1"), "7");
}

TEST(Writer, CanBeReadWhileItWrites) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    store::Writer writer(directory / "a.db");
    writer.begin(sample.start);
    writer.write_facts(sample.observation);
    Database reader(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(reader, "SELECT count(*) FROM flows"), "7");
    writer.write_verdicts(sample.observation, sample.result);
    EXPECT_EQ(first_cell(reader, "SELECT count(*) FROM requirements"), "7");
}

TEST(Writer, NeverTouchesWhatIsNotItsOwn) {
    const TemporaryDirectory directory;
    {
        Database foreign(directory / "foreign.db", Access::create);
        foreign.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1)");
    }
    std::ofstream(directory / "text.db") << "This is a letter, not a database.\n";
    for (const char* name : {"foreign.db", "text.db"}) {
        const auto path = directory / name;
        const std::string before = content(path);
        std::string message;
        EXPECT_EQ(status_of([&] { const store::Writer writer(path); }, message),
                  ExitStatus::bad_input);
        EXPECT_NE(message.find(path.string() + ": is not a turnpike database"), std::string::npos)
            << message;
        EXPECT_EQ(content(path), before);
    }
}

TEST(Writer, RefusesOtherLayouts) {
    const TemporaryDirectory directory;
    SampleRun().write(directory / "old.db");
    SampleRun().write(directory / "new.db");
    Database(directory / "old.db", Access::read_write).execute("PRAGMA user_version = 0");
    Database(directory / "new.db", Access::read_write).execute("PRAGMA user_version = 99");
    std::string message;
    EXPECT_EQ(status_of([&] { const store::Writer writer(directory / "old.db"); }, message),
              ExitStatus::bad_input);
    EXPECT_NE(message.find("older turnpike"), std::string::npos) << message;
    EXPECT_EQ(status_of([&] { const store::Writer writer(directory / "new.db"); }, message),
              ExitStatus::bad_input);
    EXPECT_NE(message.find("newer turnpike"), std::string::npos) << message;
}

TEST(Writer, SaysWhereItCannotCreate) {
    const TemporaryDirectory directory;
    std::string message;
    for (const auto& path :
         {directory / "missing/a.db", directory.path(), std::filesystem::path("/dev/full")}) {
        EXPECT_EQ(status_of([&] { const store::Writer writer(path); }, message),
                  ExitStatus::cannot_create)
            << path;
        EXPECT_TRUE(message.starts_with(path.string() + ": ")) << message;
    }
}

TEST(Writer, AFullDiskKeepsWhatWasStored) {
    const TemporaryDirectory directory;
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    SampleRun sample;
    sample.write(directory / "a.db");
    for (std::uint64_t id = 8; id < 60'000; ++id) {
        facts::Flow flow;
        flow.id = id;
        flow.client().endpoint = test::endpoint("192.0.2.1", 1000);
        flow.server().endpoint = test::endpoint("198.51.100.1", 443);
        sample.observation.flows.push_back(std::move(flow));
    }
    std::string message;
    EXPECT_EQ(status_of([&] { sample.write(directory / "a.db"); }, message), ExitStatus::io_error);
    EXPECT_NE(message.find("disk is full"), std::string::npos) << message;
    {
        Database database(directory / "a.db", Access::read_only);
        EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
        EXPECT_EQ(first_cell(database, "SELECT group_concat(complete) FROM runs"), "1,0");
        EXPECT_EQ(first_cell(database, "SELECT count(*) FROM flows WHERE run_id = 1"), "7");
    }
    ::umount(directory.path().c_str());
}

TEST(Writer, TakesBackARunOfWhichNothingWasStored) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    {
        store::Writer writer(directory / "fresh.db");
        writer.begin(sample.start);
        EXPECT_FALSE(writer.give_up());
    }
    EXPECT_FALSE(std::filesystem::exists(directory / "fresh.db"));
    sample.write(directory / "a.db");
    {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        EXPECT_FALSE(writer.give_up());
    }
    {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
        EXPECT_TRUE(writer.give_up());
    }
    Database database(directory / "a.db", Access::read_only);
    EXPECT_EQ(first_cell(database, "SELECT group_concat(complete) FROM runs"), "1,0");
}

TEST(Writer, AFullDiskIsLeftWithoutAFile) {
    const TemporaryDirectory directory;
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    std::string message;
    EXPECT_EQ(status_of([&] { SampleRun().write(directory / "a.db"); }, message),
              ExitStatus::io_error);
    EXPECT_NE(message.find("the disk is full"), std::string::npos) << message;
    EXPECT_FALSE(std::filesystem::exists(directory / "a.db"));
    ::umount(directory.path().c_str());
}

TEST(Writer, NoRoomForTheLogsIndexIsAFullDisk) {
    const TemporaryDirectory directory;
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    SampleRun().write(directory / "a.db");
    const auto room = std::filesystem::space(directory.path()).available;
    std::ofstream(directory / "filler") << std::string(room - 8'192, 'x');
    std::string message;
    EXPECT_EQ(status_of([&] { SampleRun().write(directory / "a.db"); }, message),
              ExitStatus::io_error);
    EXPECT_NE(message.find("the disk is full"), std::string::npos) << message;
    ::umount(directory.path().c_str());
}

TEST(Writer, AFullDiskLeavesAFreshFileWhole) {
    const TemporaryDirectory directory;
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    SampleRun sample;
    make_large(sample);
    std::string message;
    EXPECT_EQ(status_of([&] { sample.write(directory / "a.db"); }, message), ExitStatus::io_error);
    EXPECT_NE(message.find("disk is full"), std::string::npos) << message;
    {
        Database database(directory / "a.db", Access::read_only);
        EXPECT_EQ(first_cell(database, "PRAGMA integrity_check"), "ok");
        EXPECT_EQ(first_cell(database, "SELECT complete FROM runs"), "0");
    }
    ::umount(directory.path().c_str());
}

}  // namespace
}  // namespace turnpike
