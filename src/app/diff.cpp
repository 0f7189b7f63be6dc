// `turnpike diff` and `turnpike report --list`: finds runs in databases and prints them.
#include "app/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "app/confinement.h"
#include "app/output.h"
#include "turnpike/base/json_text.h"
#include "turnpike/base/printable.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

std::vector<store::RunRow> runs_of(store::Reader& reader) {
    auto runs = reader.runs();
    if (runs.empty()) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: holds no run yet; 'turnpike analyze --output {}' adds one",
                                reader.path().string(), reader.path().string()));
    }
    return runs;
}

store::RunRow find_run(store::Reader& reader, const std::string& name) {
    const auto runs = runs_of(reader);
    if (name == "last") {
        return runs.back();
    }
    const auto held = runs.size() == 1
                          ? fmt::format("only run {}", runs.front().run_id)
                          : fmt::format("runs {} to {}", runs.front().run_id, runs.back().run_id);
    if (name == "previous") {
        if (runs.size() < 2) {
            throw Error(ExitStatus::usage,
                        fmt::format("previous: {} holds {}; analyze a second "
                                    "call with --output {}",
                                    reader.path().string(), held, reader.path().string()));
        }
        return runs[runs.size() - 2];
    }
    std::int64_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    const auto found = std::ranges::find(runs, number, &store::RunRow::run_id);
    if (parsed.ec != std::errc() || found == runs.end()) {
        throw Error(ExitStatus::usage,
                    fmt::format("run {}: there is no such run in {}; it holds {}", name,
                                reader.path().string(), held));
    }
    return *found;
}

std::string json_line(const store::RunRow& run) {
    const auto& quoted = base::shown_json_string;
    return fmt::format(R"({{"run_id": {}, "started_at": {}, "source": {}, "packets": {}, )"
                       R"("flows": {}, "flows_blocked": {}, "complete": {}, "selectors": {}}})",
                       run.run_id, quoted(run.started_at), quoted(run.source), run.packets,
                       run.flows, run.flows_blocked, run.complete ? 1 : 0, quoted(run.selectors));
}

std::string text_line(const store::RunRow& run) {
    return fmt::format("{:>4}  {}  {}, {} ({} blocked){}{}  {}\n", run.run_id,
                       run.started_at.substr(0, run.started_at.find('.')),
                       base::counted(run.packets, "packet"), base::counted(run.flows, "flow"),
                       base::grouped(run.flows_blocked), run.complete ? "" : ", incomplete",
                       run.selectors.empty() ? "" : ", " + base::from_network(run.selectors),
                       base::from_catalog(run.source));
}

}  // namespace

ExitStatus diff_runs(const DiffOptions& options) {
    // Databases may come from anybody: nothing is needed but to read these two.
    auto needs = needs_of_reading(options.before.database);
    const auto more = needs_of_reading(options.after.database);
    needs.readable.insert(needs.readable.end(), more.readable.begin(), more.readable.end());
    needs.writable.insert(needs.writable.end(), more.writable.begin(), more.writable.end());
    confine_and_tell(needs);
    store::Reader before(options.before.database);
    store::Reader after(options.after.database);
    const auto old_run = find_run(before, options.before.run);
    const auto new_run = find_run(after, options.after.run);
    const report::DiffSide old_side{before, old_run};
    const report::DiffSide new_side{after, new_run};
    const auto diff = report::diff(old_side, new_side);
    if (!options.quiet) {
        report::Options rendering;
        rendering.color = output_shows_color();
        report::render_diff(old_side, new_side, diff, options.format, rendering, write_out);
        flush_out();
    }
    const bool failed =
        std::ranges::any_of(diff.differences, [&](const report::Difference& difference) {
            return options.fail_on.contains(difference.change);
        });
    return failed ? ExitStatus::fail_on : ExitStatus::done;
}

ExitStatus list_runs(const RunListOptions& options) {
    confine_and_tell(needs_of_reading(options.database));
    store::Reader reader(options.database);
    const auto runs = runs_of(reader);
    if (options.format == report::Format::text) {
        for (const auto& run : runs) {
            write_out(text_line(run));
        }
    } else {
        write_out("[");
        for (const auto& run : runs) {
            write_out((run.run_id == runs.front().run_id ? "\n  " : ",\n  ") + json_line(run));
        }
        write_out("\n]\n");
    }
    flush_out();
    return ExitStatus::done;
}

}  // namespace turnpike::app
