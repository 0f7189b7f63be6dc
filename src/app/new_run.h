// How every verb that makes a run begins it, and shows it at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "app/command_line.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"

namespace turnpike::app {

/// What is stored of a run that begins now. `source`: what it looks at, in words.
store::RunStart run_start(const AnalyzeOptions& judging, std::string source);

/// Opens the database and lets `write` write a run to it. An error of the disk says what became of
/// the run; one of which nothing is stored is taken back.
void write_run(const std::filesystem::path& database,
               const std::function<void(store::Writer&)>& write);

/// Prints the run of that database as the options ask (show_run), and says whether it fails.
base::ExitStatus show_new_run(const std::filesystem::path& database, std::int64_t run,
                              const AnalyzeOptions& judging);
/// The same of a database that is open.
base::ExitStatus show_run(store::Reader& reader, std::int64_t run, const AnalyzeOptions& judging);

}  // namespace turnpike::app
