// The command lines of `turnpike diff` and `turnpike report --list`.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "app/diff.h"
#include "app/verb.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

Verb diff_verb() {
    Verb verb{
        "diff", "[options] [BEFORE AFTER]", po::options_description("Options"),
        "Shows what changed from one run to another: every product, requirement, name and piece\n"
        "of undocumented traffic that got worse or better, is seen for the first time or no\n"
        "longer. What neither run saw is not mentioned; what only one of them looked for, as with\n"
        "another --require, is not compared, and that is said.\n\n"
        "BEFORE and AFTER are runs of the database: last, previous or a number; of another one:\n"
        "FILE (its last run) or FILE:RUN. Without them: previous and last. Examples:\n"
        "  turnpike diff\n"
        "  turnpike diff 3 last --database calls.db --format markdown\n"
        "  turnpike diff monday.db tuesday.db:2 --fail-on worse\n",
        "\nExit status: 0 done; 1 --fail-on matched; 64 wrong usage or no such run; 65 a file is "
        "no\n"
        "turnpike database; 66 it cannot be opened.\n"};
    verb.options.add_options()
        // clang-format off
        ("database,d", po::value<std::string>()->value_name("FILE"),
         "the database that runs without a file name are of (default: turnpike.db)")
        ("format", po::value<std::string>()->value_name("FORMAT"),
         "text (default), json, markdown, html or junit")
        ("fail-on", po::value<Words>()->composing()->value_name("CHANGE[,CHANGE]"),
         "exit with 1 if something is worse, better, changed, new or gone")
        ("quiet,q", "print nothing but errors")
        ("help,h", "print this help");
    // clang-format on
    return verb;
}

bool is_run(const std::string& word) {
    return word == "last" || word == "previous" ||
           (!word.empty() &&
            std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; }));
}

RunName run_name(const std::string& word, const std::string& database) {
    if (is_run(word)) {
        return {database, word};
    }
    const auto colon = word.rfind(':');
    if (colon != std::string::npos && colon > 0 && is_run(word.substr(colon + 1))) {
        return {word.substr(0, colon), word.substr(colon + 1)};
    }
    return {word, "last"};
}

std::set<report::Change> changes_of(const std::vector<std::string>& lists) {
    std::set<report::Change> changes;
    for (const auto& words : lists) {
        std::stringstream stream(words);
        std::string word;
        while (std::getline(stream, word, ',')) {
            const auto change = report::parse_change(word);
            if (!change || *change == report::Change::same) {
                wrong_usage(fmt::format(
                    "--fail-on {}: is not a change; use worse, better, changed, new or gone",
                    base::escape(word)));
            }
            changes.insert(*change);
        }
    }
    return changes;
}

report::Format format_among(const std::string& word, std::initializer_list<report::Format> known,
                            std::string_view list) {
    const auto format = report::parse_format(word);
    if (!format || std::ranges::find(known, *format) == known.end()) {
        wrong_usage(fmt::format("--format {}: use {}", base::escape(word), list));
    }
    return *format;
}

}  // namespace

std::optional<DiffOptions> parse_diff(const std::vector<std::string>& arguments) {
    const auto map = parse(diff_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    auto words = list(*map, "arguments");
    if (words.empty()) {
        words = {"previous", "last"};
    }
    if (words.size() != 2) {
        wrong_usage("diff: give two runs, BEFORE and AFTER, or none for previous and last");
    }
    const auto database = get<std::string>(*map, "database", "turnpike.db");
    DiffOptions options;
    options.before = run_name(words[0], database);
    options.after = run_name(words[1], database);
    using enum report::Format;
    options.format =
        format_among(get<std::string>(*map, "format", "text"), {text, json, markdown, html, junit},
                     "text, json, markdown, html or junit");
    options.fail_on = changes_of(list(*map, "fail-on"));
    options.quiet = map->contains("quiet");
    return options;
}

bool is_run_list(const std::vector<std::string>& arguments) {
    return std::ranges::find(arguments, "--list") != arguments.end() &&
           std::ranges::find(arguments, "--help") == arguments.end();
}

namespace {

/// What a list of runs has no use for is not called unknown.
void refuse_options_of_a_report(const Verb& list, const std::vector<std::string>& arguments) {
    for (const std::string_view argument : arguments) {
        const auto name = argument.substr(0, argument.find('='));
        if (has_option(list, name)) {
            continue;
        }
        if (is_option_of_report(name)) {
            wrong_usage(fmt::format(
                "{}: does not go with --list, which takes a database and --format", name));
        }
    }
}

}  // namespace

std::optional<RunListOptions> parse_run_list(const std::vector<std::string>& arguments) {
    Verb verb{"report", "--list [options] DATABASE", po::options_description("Options"), "", ""};
    verb.options.add_options()
        // clang-format off
        ("list", "the runs of the database")
        ("format", po::value<std::string>()->value_name("FORMAT"), "text (default) or json")
        ("help,h", "print this help");
    // clang-format on
    refuse_options_of_a_report(verb, arguments);
    const auto map = parse(verb, arguments);
    if (!map) {
        return std::nullopt;
    }
    const auto words = list(*map, "arguments");
    if (words.size() != 1) {
        wrong_usage("report --list: give one database; it takes no option but --format");
    }
    return RunListOptions{words[0], format_among(get<std::string>(*map, "format", "text"),
                                                 {report::Format::text, report::Format::json},
                                                 "text or json with --list")};
}

}  // namespace turnpike::app
