// `turnpike report --annotate`: the capture with the verdicts in it; and `report --anonymize`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/base/error.h"

namespace turnpike::app {

struct AnnotateOptions {
    std::filesystem::path database;
    std::optional<std::int64_t> run;    ///< nothing: the newest
    std::vector<std::string> captures;  ///< those that the run read
    std::filesystem::path output;
    std::vector<std::filesystem::path> catalogs;
    std::filesystem::path key;  ///< of anonymous addresses and names; empty: a new one
    bool evidence_only = false;
    bool anonymize = false;
    std::size_t memory = 0;  ///< octets that this may take
};

/// Whether the words after `report` ask for it.
bool is_annotation(const std::vector<std::string>& arguments);
/// Returns nothing if the command line only asked for help. Throws base::Error (usage).
std::optional<AnnotateOptions> parse_annotation(const std::vector<std::string>& arguments);
/// Writes the capture; errors that end it are thrown as base::Error.
base::ExitStatus annotate_capture(const AnnotateOptions& options);

/// Whether the words after `report` ask for a report without addresses and names.
bool is_anonymous_report(const std::vector<std::string>& arguments);
/// The report that the other words ask for, of an anonymous copy of the database.
base::ExitStatus report_anonymously(const std::vector<std::string>& arguments);

}  // namespace turnpike::app
