// The verbs.
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

/// Prints a run of a database and returns fail_on if a required requirement of it has one of the
/// statuses. `selectors` limit both to some products.
base::ExitStatus show_run(store::Reader& reader, const store::RunRow& run, report::Format format,
                          const std::vector<std::string>& selectors,
                          const std::set<verdict::Status>& fail_on, bool quiet);

}  // namespace turnpike::app
