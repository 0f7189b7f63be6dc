// The verbs of the program, and how a run is shown at the end of one.
#pragma once

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// The version of the program, "0.1.0".
std::string_view version() noexcept;

/// Each runs a verb and returns the exit status; errors that end it are thrown as base::Error.
base::ExitStatus analyze(const AnalyzeOptions& options);
base::ExitStatus live(const LiveCommand& command);
base::ExitStatus report_database(const ReportOptions& options);
base::ExitStatus catalog_command(const CatalogOptions& options);

/// How a run is shown, and when it fails.
struct Showing {
    report::Format format = report::Format::text;
    std::vector<std::string> selectors;  ///< of the products to show and to judge; empty: all
    FailOn fail_on;
    bool quiet = false;
    bool all = false;         ///< rows without traffic one by one
    bool local_time = false;  ///< times in this machine's zone
};

/// Prints a run of a database and returns what fail_on_status says.
base::ExitStatus show_run(store::Reader& reader, const store::RunRow& run, const Showing& showing);
/// `fail_on` if a required requirement of the run has one of the statuses, or nothing was seen and
/// that was asked, else `done`.
base::ExitStatus fail_on_status(store::Reader& reader, const store::RunRow& run,
                                const Showing& showing);

}  // namespace turnpike::app
