// A live run over captures of our own: what it finds must not depend on the number of workers, and
// must be what `analyze` finds.
#include "app/live_run.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "app/dealt_capture.h"
#include "app/live_database.h"
#include "app/program.h"
#include "store/sample_run.h"
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

class LiveRunOver : public ::testing::TestWithParam<std::string> {
  protected:
    [[nodiscard]] std::filesystem::path capture() const { return captures / GetParam(); }

    std::filesystem::path watch(std::size_t workers) {
        const auto database = file(fmt::format("{}.db", workers));
        app::AnalyzeOptions judging;
        const auto sources = test::deal(capture().string(), workers);
        app::LiveJudgement judgement(std::make_shared<app::LiveCatalog>(catalog, judging), true);
        app::LiveDatabase store(database, {{}, "dealt", "1", ""}, {}, 1);
        app::LiveState state("dealt", database.string());
        app::PacketBudget budget(0);
        app::Rounds rounds(workers);
        std::vector<std::unique_ptr<app::LiveWorker>> threads;
        inspect::Options options;
        const auto look_ahead = std::make_shared<inspect::LookAhead>();
        options.harvested = true;
        options.shared_look_ahead = look_ahead;
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

TEST_P(LiveRunOver, NumbersOfWorkersMakeNoDifference) {
    const auto one = read_views(watch(1));
    for (const std::size_t workers : {2U, 4U}) {
        const auto several = read_views(watch(workers));
        for (const auto& [view, rows] : one) {
            EXPECT_EQ(several.at(view), rows) << view << " with " << workers << " workers";
        }
    }
}

TEST_P(LiveRunOver, FindsWhatAnalyzeFinds) {
    const auto analyzed = file("analyzed.db");
    const auto outcome = test::run({"analyze", "--quiet", "--catalog", catalog[0].string(), "-o",
                                    analyzed.string(), capture().string()});
    ASSERT_TRUE(outcome.status == 0 || outcome.status == 74) << outcome.err;
    EXPECT_EQ(requirements(watch(1)), requirements(analyzed));
}

std::vector<std::string> all_captures() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(captures)) {
        const auto extension = entry.path().extension();
        if (extension == ".pcap" || extension == ".pcapng") {
            names.push_back(std::filesystem::relative(entry.path(), captures).string());
        }
    }
    std::ranges::sort(names);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Captures, LiveRunOver, ::testing::ValuesIn(all_captures()),
                         [](const auto& parameter) {
                             std::string name = parameter.param;
                             std::ranges::replace_if(
                                 name, [](char letter) { return std::isalnum(letter) == 0; }, '_');
                             return name;
                         });

}  // namespace
}  // namespace turnpike
