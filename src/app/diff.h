// `turnpike diff`: what changed from one run to another; and `turnpike report --list`.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "turnpike/base/error.h"
#include "turnpike/report/diff.h"

namespace turnpike::app {

/// One side of the comparison, as the user named it.
struct RunName {
    std::filesystem::path database;
    std::string run = "last";  ///< "last", "previous" or a number
};

struct DiffOptions {
    RunName before;
    RunName after;
    report::Format format = report::Format::text;
    std::set<report::Change> fail_on;
    bool quiet = false;
};

struct RunListOptions {
    std::filesystem::path database;
    report::Format format = report::Format::text;
};

/// Each returns nothing if the command line only asked for help. Throws base::Error (usage).
std::optional<DiffOptions> parse_diff(const std::vector<std::string>& arguments);
std::optional<RunListOptions> parse_run_list(const std::vector<std::string>& arguments);
/// Whether the words after `report` ask for a list of runs.
bool is_run_list(const std::vector<std::string>& arguments);

/// Each runs a verb and returns the exit status; errors that end it are thrown as base::Error.
base::ExitStatus diff_runs(const DiffOptions& options);
base::ExitStatus list_runs(const RunListOptions& options);

}  // namespace turnpike::app
