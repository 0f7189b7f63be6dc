// Begins runs, and shows them once they are written.
#include "app/new_run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "app/commands.h"
#include "turnpike/base/time.h"
#include "turnpike/store/reader.h"

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
    const auto runs = reader.runs();
    return show_run(reader, *std::ranges::find(runs, run, &store::RunRow::run_id),
                    {.format = judging.format,
                     .selectors = {},
                     .fail_on = judging.fail_on,
                     .quiet = judging.quiet,
                     .all = judging.all,
                     .local_time = judging.local_time});
}

}  // namespace turnpike::app
