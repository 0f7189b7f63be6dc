// `turnpike report`: a stored run again.
#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "app/commands.h"
#include "app/confinement.h"
#include "app/memory_option.h"
#include "app/output.h"
#include "app/report_confined.h"
#include "turnpike/report/explain.h"

namespace turnpike::app {

base::ExitStatus report_database(const ReportOptions& options) {
    auto needs = needs_of_reading(options.database);
    needs.required = options.require_confinement;
    bound_memory(options.memory);
    confine_and_tell(needs);
    return report_confined(options);
}

namespace {

base::ExitStatus report_within_memory(const ReportOptions& options) {
    using base::Error;
    using base::ExitStatus;
    store::Reader reader(options.database);
    const auto runs = reader.runs();
    if (runs.empty()) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: holds no run yet; 'turnpike analyze --output {}' adds one",
                                options.database.string(), options.database.string()));
    }
    const auto wanted = options.run.value_or(runs.back().run_id);
    const auto run = std::ranges::find(runs, wanted, &store::RunRow::run_id);
    if (run == runs.end()) {
        throw Error(
            ExitStatus::usage,
            fmt::format("--run {}: there is no such run in {}; it holds {} to {}", wanted,
                        options.database.string(), runs.front().run_id, runs.back().run_id));
    }
    const Showing showing{.format = options.format,
                          .selectors = options.require,
                          .fail_on = options.fail_on,
                          .quiet = options.quiet,
                          .all = options.all,
                          .local_time = options.local_time};
    if (!options.explain.empty()) {
        if (!options.quiet) {
            report::Options how;
            how.width = output_width().value_or(how.width);
            how.local_time = options.local_time;
            report::explain(reader, *run, options.explain, options.format, how, write_out);
            flush_out();
        }
        return fail_on_status(reader, *run, showing);
    }
    return show_run(reader, *run, showing);
}

}  // namespace

base::ExitStatus report_confined(const ReportOptions& options) {
    try {
        return report_within_memory(options);
    } catch (const std::bad_alloc&) {
        throw needs_more_memory(options.database);
    }
}

}  // namespace turnpike::app
