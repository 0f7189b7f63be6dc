// Calls the verb that the command line names, and turns every error into one line and an exit
// status.
#include "turnpike/app/main.h"

#include <fmt/core.h>

#include <time.h>  // NOLINT(modernize-deprecated-headers): tzset is not in <ctime>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "app/annotate.h"
#include "app/command_line.h"
#include "app/commands.h"
#include "app/compare.h"
#include "app/diff.h"
#include "app/output.h"
#include "app/probe_command.h"
#include "app/process.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

template <typename Options>
ExitStatus run_verb(const std::optional<Options>& options, ExitStatus (*verb)(const Options&)) {
    if (!options) {
        flush_out();
        return ExitStatus::done;
    }
    return verb(*options);
}

constexpr std::array<std::string_view, 8> verbs{"analyze", "live",    "report",  "catalog",
                                                "probe",   "respond", "compare", "diff"};

[[noreturn]] void unknown_verb(const std::string& word) {
    std::vector<std::string> known(verbs.begin(), verbs.end());
    known.insert(known.end(), {"--help", "--version"});
    const auto guess = nearest(word, known);
    throw Error(
        ExitStatus::usage,
        fmt::format(
            "{}: unknown {}; {}", base::escape(word), word.starts_with('-') ? "option" : "verb",
            guess ? fmt::format("did you mean 'turnpike {}'?", *guess) : "see 'turnpike --help'"));
}

// `report` does other things with a database, too, each with a command line of its own.
ExitStatus run_report(const std::vector<std::string>& words) {
    if (is_run_list(words)) {
        return run_verb(parse_run_list(words), list_runs);
    }
    if (is_annotation(words)) {
        return run_verb(parse_annotation(words), annotate_capture);
    }
    return is_anonymous_report(words) ? report_anonymously(words)
                                      : run_verb(parse_report(words), report_database);
}

ExitStatus dispatch(const std::vector<std::string>& words);

/// `turnpike help analyze`, `turnpike help catalog import`: what --help behind them prints.
ExitStatus help_with(std::vector<std::string> words) {
    if (std::ranges::find(verbs, words[0]) == verbs.end()) {
        unknown_verb(words[0]);
    }
    words.emplace_back("--help");
    return dispatch(words);
}

ExitStatus dispatch(const std::vector<std::string>& words) {
    if (words.empty()) {
        throw Error(ExitStatus::usage, "no verb given; see 'turnpike --help'");
    }
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (words[0] == "analyze") {
        return run_verb(parse_analyze(rest), analyze);
    }
    if (words[0] == "live") {
        return run_verb(parse_live(rest), live);
    }
    if (words[0] == "report") {
        return run_report(rest);
    }
    if (words[0] == "compare") {
        return run_verb(parse_compare(rest), compare_captures);
    }
    if (words[0] == "diff") {
        return run_verb(parse_diff(rest), diff_runs);
    }
    if (words[0] == "probe") {
        return run_verb(parse_probe(rest), probe);
    }
    if (words[0] == "respond") {
        return run_verb(parse_respond(rest), respond);
    }
    if (words[0] == "catalog") {
        return run_verb(parse_catalog(rest), catalog_command);
    }
    if (words[0] == "help" && !rest.empty()) {
        return help_with(rest);
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        write_out(general_help());
    } else if (words[0] == "--version") {
        write_out(fmt::format("turnpike {}\n", version()));
    } else {
        unknown_verb(words[0]);
    }
    flush_out();
    return ExitStatus::done;
}

}  // namespace

std::string_view version() noexcept {
    return TURNPIKE_VERSION;
}

int main(int argc, char** argv) {
    ::tzset();  // reads the zone's file, which a process that confined itself cannot
    prepare_process();
    try {
        return static_cast<int>(dispatch(std::vector<std::string>(argv + 1, argv + argc)));
    } catch (const Error& error) {
        print_error(error.what());
        return static_cast<int>(error.status());
    } catch (const std::bad_alloc&) {
        print_error(out_of_memory);
    } catch (const std::system_error& error) {  // of a thread that could not be started
        print_error(fmt::format("{}: allow more memory, or more threads (ulimit -v, ulimit -u)",
                                error.what()));
    } catch (const std::exception& error) {
        print_error(error.what());
    }
    return static_cast<int>(ExitStatus::io_error);
}

}  // namespace turnpike::app
