// `turnpike report`: a stored run again.
#include <fmt/core.h>

#include <algorithm>

#include "app/commands.h"
#include "app/confinement.h"
#include "app/output.h"
#include "turnpike/report/explain.h"

namespace turnpike::app {

base::ExitStatus report_database(const ReportOptions& options) {
    using base::Error;
    using base::ExitStatus;
    auto needs = needs_of_reading(options.database);
    needs.required = options.require_confinement;
    confine_and_tell(needs);
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
    const Showing showing{options.format, options.require, options.fail_on, options.quiet,
                          options.all};
    if (!options.explain.empty()) {
        report::explain(reader, *run, options.explain,
                        output_width().value_or(report::Options{}.width), write_out);
        flush_out();
        return fail_on_status(reader, *run, showing);
    }
    return show_run(reader, *run, showing);
}

}  // namespace turnpike::app
