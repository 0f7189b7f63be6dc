// A live run over captures of our own: what it finds must not depend on the number of workers, and
// must be what `analyze` finds.
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

/// The files of one observation, below the folder of captures.
using Files = std::vector<std::string>;

class LiveRunOver : public ::testing::TestWithParam<Files> {
  protected:
    [[nodiscard]] static Files paths() {
        Files paths;
        for (const auto& name : GetParam()) {
            paths.push_back((captures / name).string());
        }
        return paths;
    }

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

/// Rows that only one of two lists has.
std::vector<std::string> differences(std::vector<std::string> a, std::vector<std::string> b) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    std::vector<std::string> apart;
    std::ranges::set_symmetric_difference(a, b, std::back_inserter(apart));
    return apart;
}

TEST_P(LiveRunOver, NumbersOfWorkersMakeNoDifference) {
    auto one = read_views(watch(1));
    if (GetParam().front().contains("another-years-file")) {
        // In the leap everything leaves memory at once; which flow is shown as evidence depends on
        // the round in which that happens. All verdicts are the same.
        one.erase("evidence");
    }
    for (const std::size_t workers : {2U, 4U}) {
        const auto several = read_views(watch(workers));
        for (const auto& [view, rows] : one) {
            EXPECT_EQ(several.at(view), rows) << view << " with " << workers << " workers";
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

std::vector<Files> all_captures() {
    std::map<std::filesystem::path, Files> stories;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(captures)) {
        const auto extension = entry.path().extension();
        if (extension == ".pcap" || extension == ".pcapng") {
            stories[story_of(entry.path())].push_back(
                std::filesystem::relative(entry.path(), captures).string());
        }
    }
    std::vector<Files> all;
    for (auto& [story, files] : stories) {
        std::ranges::sort(files);
        all.push_back(std::move(files));
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Captures, LiveRunOver, ::testing::ValuesIn(all_captures()),
                         [](const auto& parameter) {
                             std::string name = parameter.param.front();
                             std::ranges::replace_if(
                                 name, [](char letter) { return std::isalnum(letter) == 0; }, '_');
                             return name;
                         });

}  // namespace
}  // namespace turnpike
