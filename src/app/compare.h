// `turnpike compare`: two captures of the same call, on the two sides of a firewall.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

struct CompareOptions {
    AnalyzeOptions judging;  ///< without captures
    std::string inside;
    std::string outside;
};

/// Returns nothing if the command line only asked for help. Throws base::Error (usage).
std::optional<CompareOptions> parse_compare(const std::vector<std::string>& arguments);

/// Runs the verb and returns the exit status; errors that end it are thrown as base::Error.
base::ExitStatus compare_captures(const CompareOptions& options);

}  // namespace turnpike::app
