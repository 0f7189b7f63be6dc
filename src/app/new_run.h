// How every verb that makes a run begins it, and shows it at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/command_line.h"
#include "turnpike/base/error.h"
#include "turnpike/store/writer.h"

namespace turnpike::app {

/// What is stored of a run that begins now. `source`: what it looks at, in words.
store::RunStart run_start(const AnalyzeOptions& judging, std::string source);

/// Prints the run of that database as the options ask (show_run), and says whether it fails.
base::ExitStatus show_new_run(const std::filesystem::path& database, std::int64_t run,
                              const AnalyzeOptions& judging);

}  // namespace turnpike::app
