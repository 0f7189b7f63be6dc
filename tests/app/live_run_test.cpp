// A live run over captures, our own and strangers': what it finds must not depend on the number of
// workers, and must be what `analyze` finds.
#include "app/live_run.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <map>

#include "app/dealt_capture.h"
#include "app/live_database.h"
#include "app/program.h"
#include "store/sample_run.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using test::TemporaryDirectory;

const std::filesystem::path captures = TURNPIKE_SOURCE_DIR "/captures";
const std::filesystem::path strangers = TURNPIKE_SOURCE_DIR "/../shared/samples/captures";
const std::vector<std::filesystem::path> catalog{TURNPIKE_SOURCE_DIR "/catalog"};

std::string text_of(const store::Cell& cell) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "-"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return fmt::format("{:.6f}", value); }
        std::string operator()(std::string_view value) const { return std::string(value); }
    };
    return std::visit(Visitor{}, cell);
}

using Views = std::map<std::string, std::vector<std::string>>;

/// All rows of all views of the newest run, as text.
Views read_views(const std::filesystem::path& database) {
    store::Reader reader(database);
    const auto run = reader.runs().back().run_id;
    Views views;
    for (const auto view : store::Reader::views()) {
        const auto columns = reader.columns(view);
        auto& rows = views[std::string(view)];
        reader.each_row(view, run, [&](std::span<const store::Cell> cells) {
            std::string row;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                if (columns[i] != "started_at" && columns[i] != "source") {
                    row += fmt::format("{}={} ", columns[i], text_of(cells[i]));
                }
            }
            rows.push_back(std::move(row));
        });
        std::ranges::sort(rows);
    }
    return views;
}

std::string words(const store::RequirementRow& row) {
    return fmt::format("{} {} {} {}: {} {} {} {} {} {} {}", row.name.product.selector(),
                       row.name.rule_id, row.name.transport, row.name.ports, row.status,
                       row.block_reason, row.grade, row.inconclusive_reason, row.flows_passed,
                       row.flows_blocked, row.flows_inconclusive);
}

std::vector<std::string> requirements(const std::filesystem::path& database) {
    store::Reader reader(database);
    std::vector<std::string> rows;
    for (const auto& row : reader.requirements(reader.runs().back().run_id)) {
        rows.push_back(words(row));
    }
    return rows;
}

/// The files of one observation.
using Files = std::vector<std::string>;

class LiveRunOver : public ::testing::TestWithParam<Files> {
  protected:
    static const Files& paths() { return GetParam(); }

    std::filesystem::path watch(std::size_t workers) {
        const auto database = file(fmt::format("{}.db", workers));
        const app::AnalyzeOptions judging;
        const auto sources = test::deal(paths(), workers);
        const auto rules = std::make_shared<app::LiveCatalog>(catalog, judging);
        app::LiveJudgement judgement(rules, true);
        app::LiveDatabase store(database, {{}, "dealt", "1", ""}, {}, 1);
        app::LiveState state("dealt", database.string());
        app::PacketBudget budget(0);
        app::Rounds rounds(workers);
        std::vector<std::unique_ptr<app::LiveWorker>> threads;
        inspect::Options options;
        const auto look_ahead = std::make_shared<inspect::LookAhead>();
        options.harvested = true;
        options.shared_look_ahead = look_ahead;
        options.is_server = [&rules](const base::IpAddress& address) {
            return attribute::is_servers_network(rules->index(), address);
        };
        for (std::size_t i = 0; i < workers; ++i) {
            threads.push_back(std::make_unique<app::LiveWorker>(i, *sources[i], options, nullptr,
                                                                budget, rounds));
        }
        app::LiveRun run(threads, rounds, *look_ahead, judgement, store, state, {}, true);
        EXPECT_TRUE(run.run());
        store.end(true);
        return database;
    }

    TemporaryDirectory directory_;
    std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }
};

/// Rows that only one of two lists has, marked with `-` (the first one) and `+`.
std::vector<std::string> differences(std::vector<std::string> a, std::vector<std::string> b) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    std::vector<std::string> apart;
    const auto add = [&apart](char mark, const auto& some, const auto& others) {
        std::vector<std::string> alone;
        std::ranges::set_difference(some, others, std::back_inserter(alone));
        std::ranges::transform(alone, std::back_inserter(apart),
                               [mark](const std::string& row) { return mark + (' ' + row); });
    };
    add('-', a, b);
    add('+', b, a);
    return apart;
}

// Why several workers may find something else in a few captures of strangers.
constexpr std::string_view steps_back = "its clock steps back, which workers see at other packets";
constexpr std::string_view few_copies =
    "few packets, some of them twice: each worker decides by its own whether they are copies";
constexpr std::string_view other_headers =
    "copies under headers that frames are not dealt by (FabricPath, BSD loopback)";
constexpr std::string_view in_fragments =
    "a tunnel's datagrams in fragments are dealt by its ends, others by what is inside";
// By their place in the folder of strangers.
const std::map<std::string, std::string_view> exceptions{
    {"cisco+mercury/unit_tests/pcaps/imap.pcap", few_copies},
    {"cisco+mercury/unit_tests/pcaps/mysql.pcap", few_copies},
    {"ntop+nDPI/tests/cfgs/default/pcap/ajp.pcap", other_headers},
    {"ntop+nDPI/tests/cfgs/default/pcap/avast.pcap", steps_back},
    {"ntop+nDPI/tests/cfgs/default/pcap/dropbox.pcap", few_copies},
    {"ntop+nDPI/tests/cfgs/default/pcap/heuristic_tcp_ack_payload.pcap", few_copies},
    {"ntop+nDPI/tests/cfgs/default/pcap/jsonrpc.pcap", steps_back},
    {"ntop+nDPI/tests/cfgs/default/pcap/steam.pcapng", steps_back},
    {"seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples/many_interfaces-1.pcapng", other_headers},
    {"zeek+zeek/testing/btest/Traces/ipv6_zero_len_ah.pcap", few_copies},
    {"zeek+zeek/testing/btest/Traces/tunnels/gtp/gtp2_different_udp_port.pcap", in_fragments},
    {"zeek+zeek/testing/btest/Traces/tunnels/gtp/gtp9_unknown_or_too_short_payload.pcap",
     in_fragments},
};

TEST_P(LiveRunOver, NumbersOfWorkersMakeNoDifference) {
    const auto place = std::filesystem::path(paths().front()).lexically_relative(strangers);
    if (const auto exception = exceptions.find(place.string()); exception != exceptions.end()) {
        GTEST_SKIP() << exception->second;
    }
    auto one = read_views(watch(1));
    if (GetParam().front().contains("another-years-file")) {
        // In the leap everything leaves memory at once; which flow is shown as evidence depends on
        // the round in which that happens. All verdicts are the same.
        one.erase("evidence");
    }
    for (const std::size_t workers : {2U, 4U}) {
        const auto several = read_views(watch(workers));
        for (const auto& [view, rows] : one) {
            EXPECT_THAT(differences(rows, several.at(view)), ::testing::IsEmpty())
                << view << " with " << workers << " workers";
        }
    }
}

TEST_P(LiveRunOver, FindsWhatAnalyzeFinds) {
    const auto analyzed = file("analyzed.db");
    std::vector<std::string> words{"analyze",           "--quiet", "--catalog",
                                   catalog[0].string(), "-o",      analyzed.string()};
    std::ranges::copy(paths(), std::back_inserter(words));
    const auto outcome = test::run(words);
    ASSERT_TRUE(outcome.status == 0 || outcome.status == 74) << outcome.err;
    EXPECT_THAT(differences(requirements(watch(1)), requirements(analyzed)), ::testing::IsEmpty());
}

/// A story of several files: X.1.pcap, X.2.pcap ... beside X.expected.json, which names them.
std::filesystem::path story_of(const std::filesystem::path& capture) {
    const auto number = capture.stem().extension().string();
    const bool numbered = number.size() > 1 && std::ranges::all_of(number.substr(1), [](char c) {
                              return std::isdigit(static_cast<unsigned char>(c)) != 0;
                          });
    auto story = numbered ? capture.parent_path() / capture.stem().stem() : std::filesystem::path{};
    story += ".expected.json";
    return numbered && std::filesystem::exists(story) ? story : capture;
}

std::vector<Files> captures_in(const std::filesystem::path& folder) {
    std::map<std::filesystem::path, Files> stories;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension == ".pcap" || extension == ".pcapng") {
            stories[story_of(entry.path())].push_back(entry.path().string());
        }
    }
    std::vector<Files> all;
    for (auto& [story, files] : stories) {
        std::ranges::sort(files);
        all.push_back(std::move(files));
    }
    return all;
}

/// One in twelve of the captures that nobody here made. Over all of them the two tests take eight
/// minutes (TURNPIKE_EVERY_STRANGER=1).
std::vector<Files> some_of_strangers() {
    if (!std::filesystem::exists(strangers)) {
        return {};
    }
    const std::size_t step = std::getenv("TURNPIKE_EVERY_STRANGER") != nullptr ? 1 : 12;
    const auto all = captures_in(strangers);
    std::vector<Files> some;
    for (std::size_t i = 0; i < all.size(); i += step) {
        some.push_back(all[i]);
    }
    return some;
}

std::string name_of(const ::testing::TestParamInfo<Files>& parameter) {
    const std::filesystem::path file(parameter.param.front());
    const bool own = file.string().starts_with(captures.string());
    auto name = file.lexically_relative(own ? captures : strangers).string();
    std::ranges::replace_if(name, [](char letter) { return std::isalnum(letter) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Captures, LiveRunOver, ::testing::ValuesIn(captures_in(captures)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Strangers, LiveRunOver, ::testing::ValuesIn(some_of_strangers()), name_of);

}  // namespace
}  // namespace turnpike
