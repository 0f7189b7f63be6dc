// Begins runs, and shows them once they are written.
#include "app/new_run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/commands.h"
#include "app/output.h"
#include "turnpike/base/time.h"

namespace turnpike::app {

store::RunStart run_start(const AnalyzeOptions& judging, std::string source) {
    store::RunStart start;
    start.started_at = base::now();
    start.source = std::move(source);
    start.version = version();
    start.selectors = fmt::format("{}", fmt::join(judging.require, ", "));
    return start;
}

base::ExitStatus show_new_run(const std::filesystem::path& database, std::int64_t run,
                              const AnalyzeOptions& judging) {
    if (judging.quiet && !judging.fail_on.asks()) {
        return base::ExitStatus::done;  // opening the database takes 7 ms
    }
    store::Reader reader(database);
    try {
        return show_run(reader, run, judging);
    } catch (const OutputError& error) {
        throw OutputError(fmt::format("{}; the result database {} is complete all the same",
                                      error.what(), database.string()));
    }
}

base::ExitStatus show_run(store::Reader& reader, std::int64_t run, const AnalyzeOptions& judging) {
    const auto runs = reader.runs();
    return show_run(reader, *std::ranges::find(runs, run, &store::RunRow::run_id),
                    {.format = judging.format,
                     .selectors = {},
                     .fail_on = judging.fail_on,
                     .quiet = judging.quiet,
                     .all = judging.all,
                     .local_time = judging.local_time});
}

void write_run(const std::filesystem::path& database,
               const std::function<void(store::Writer&)>& write) {
    std::optional<store::Writer> writer;
    try {
        writer.emplace(database);
        write(*writer);
    } catch (const base::Error& error) {
        const bool in_part = writer && writer->give_up();
        if (error.status() != base::ExitStatus::io_error) {
            throw;
        }
        throw base::Error(error.status(),
                          fmt::format("{}; {}", error.what(),
                                      in_part ? "this run is stored in part, and marked incomplete"
                                              : "nothing of this run is stored"));
    } catch (...) {
        if (writer) {
            writer->give_up();
        }
        throw;
    }
}

}  // namespace turnpike::app
