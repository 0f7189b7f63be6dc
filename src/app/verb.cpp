// Parses a verb's command line, prints its help, and reads the options that several verbs have.
#include "app/verb.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "app/output.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

std::vector<std::string> option_names(const po::options_description& options) {
    std::vector<std::string> names;
    for (const auto& option : options.options()) {
        names.push_back("--" + option->long_name());
    }
    return names;
}

void print_help(const Verb& verb) {
    std::ostringstream text;
    text << "Usage: turnpike " << verb.name << ' ' << verb.synopsis << "\n\n"
         << verb.arguments << '\n'
         << verb.options << verb.epilogue;
    write_out(text.str());
}

std::string unknown_option(const Verb& verb, const po::unknown_option& error) {
    const std::string word = error.get_option_name();
    const auto guess = nearest(word, option_names(verb.options));
    return fmt::format("{}: unknown option; {}", base::escape(word),
                       guess ? fmt::format("did you mean {}?", *guess)
                             : fmt::format("see 'turnpike {} --help'", verb.name));
}

// Full names only: a script that relies on an abbreviation breaks when an option is added.
constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

}  // namespace

void wrong_usage(const std::string& message) {
    throw base::Error(base::ExitStatus::usage, message);
}

bool has_option(const Verb& verb, std::string_view name) {
    const bool is_long = name.starts_with("--");
    return name.starts_with('-') &&
           verb.options.find_nothrow(std::string(is_long ? name.substr(2) : name), false) !=
               nullptr;
}

std::optional<po::variables_map> parse(const Verb& verb, const std::vector<std::string>& words) {
    po::options_description all(verb.options);
    all.add_options()("arguments", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("arguments", -1);
    po::variables_map map;
    try {
        po::store(
            po::command_line_parser(words).options(all).positional(positional).style(style).run(),
            map);
        po::notify(map);
    } catch (const po::unknown_option& error) {
        wrong_usage(unknown_option(verb, error));
    } catch (const po::error& error) {
        wrong_usage(
            fmt::format("{}; see 'turnpike {} --help'", base::escape(error.what()), verb.name));
    }
    if (map.contains("help")) {
        print_help(verb);
        return std::nullopt;
    }
    return map;
}

std::vector<std::string> list(const po::variables_map& map, const char* name) {
    return get<std::vector<std::string>>(map, name);
}

std::vector<std::filesystem::path> paths(const po::variables_map& map, const char* name) {
    const auto words = list(map, name);
    return {words.begin(), words.end()};
}

report::Format format_of(const std::string& word) {
    const auto format = report::parse_format(word);
    if (!format) {
        const std::vector<std::string> all{"text", "json", "html", "csv", "markdown", "junit"};
        const auto guess = nearest(word, all);
        wrong_usage(fmt::format(
            "--format {}: is not a format; {}use text, json, html, csv, markdown or junit",
            base::escape(word), guess ? fmt::format("did you mean {}? Else ", *guess) : ""));
    }
    return *format;
}

namespace {

std::string without_blanks(const std::string& word) {
    const auto first = word.find_first_not_of(' ');
    return first == std::string::npos ? std::string()
                                      : word.substr(first, word.find_last_not_of(' ') - first + 1);
}

}  // namespace

FailOn fail_on_of(const std::vector<std::string>& lists) {
    constexpr const char* nothing_seen = "nothing-seen";
    FailOn result;
    for (const auto& words : lists) {
        if (words.empty()) {
            wrong_usage("--fail-on: names no status; give one, such as blocked, or leave it out");
        }
        std::stringstream stream(words);
        std::string word;
        while (std::getline(stream, word, ',')) {
            word = without_blanks(word);
            const auto status = verdict::parse_status(word);
            if (status) {
                result.statuses.insert(*status);
                continue;
            }
            if (word == nothing_seen) {
                result.nothing_seen = true;
                continue;
            }
            const std::vector<std::string> all{"observed", "blocked", "inconclusive", "unmatched",
                                               nothing_seen};
            const auto guess = nearest(word, all);
            wrong_usage(fmt::format(
                "--fail-on {}: is not a status; {}", base::escape(word),
                guess ? fmt::format("did you mean {}?", *guess)
                      : "use observed, blocked, inconclusive, unmatched or nothing-seen"));
        }
    }
    return result;
}

void add_result_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("format", po::value<std::string>()->value_name("FORMAT"),
         "text (default), json, html, csv, markdown or junit")
        ("local-time", "times in the zone of this machine, not UTC (text, html and markdown)")
        ("all", "show the rows without traffic one by one, not as one line a product")
        ("fail-on", po::value<Words>()->composing()->value_name("STATUS[,STATUS]"),
         "exit with 1 if a required requirement is observed, blocked, inconclusive or unmatched, "
         "or with nothing-seen if no product was there; blocked alone also passes where no call "
         "was made: give blocked,nothing-seen")
        ("quiet,q", "print nothing but errors")
        ("require-confinement",
         "refuse to read anything where the kernel offers no seccomp or Landlock")
        ("help,h", "print this help");
    // clang-format on
}

void add_judging_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("require,r", po::value<Words>()->composing()->value_name("SELECTOR"),
         "vendor, vendor/product or vendor/product@revision to judge, repeatable "
         "(default: every current revision)")
        ("catalog", po::value<Words>()->composing()->value_name("DIR"),
         "catalog directory or file, repeatable (default: the built-in catalog and your own)")
        ("set", po::value<Words>()->composing()->value_name("NAME=VALUE"),
         "what only you know: version=4.3.0, turn.host=turn.example.com, repeatable")
        ("tell-apart", po::value<std::string>()->value_name("vlan|tunnel|both"),
         "networks with equal addresses that only tags tell apart (default: tags are ignored)")
        ("output,o", po::value<std::string>()->value_name("FILE"),
         "result database (default: turnpike.db); an existing one gets a new run");
    // clang-format on
}

AnalyzeOptions shared_options(const po::variables_map& map) {
    AnalyzeOptions options;
    const auto tell_apart = get<std::string>(map, "tell-apart", "");
    if (!tell_apart.empty() && tell_apart != "vlan" && tell_apart != "tunnel" &&
        tell_apart != "both") {
        wrong_usage(
            fmt::format("--tell-apart {}: give vlan, tunnel or both", base::escape(tell_apart)));
    }
    options.tell_vlans_apart = tell_apart == "vlan" || tell_apart == "both";
    options.tell_tunnels_apart = tell_apart == "tunnel" || tell_apart == "both";
    options.require = list(map, "require");
    options.catalogs = paths(map, "catalog");
    options.settings = list(map, "set");
    options.output = get<std::string>(map, "output", options.output);
    if (options.output.empty()) {
        wrong_usage("--output: the name is empty; give the file to write the result database to");
    }
    if (options.output == "-") {
        wrong_usage(
            "--output -: the result database must be a file; the report goes to standard output");
    }
    if (options.output == ":memory:") {
        wrong_usage("--output :memory:: the result must be a file, to be read again");
    }
    options.format = format_of(get<std::string>(map, "format", "text"));
    options.fail_on = fail_on_of(list(map, "fail-on"));
    options.quiet = map.contains("quiet");
    options.all = map.contains("all");
    options.local_time = map.contains("local-time");
    options.require_confinement = map.contains("require-confinement");
    return options;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    const auto distance = [word](const std::string& candidate) {
        return base::edit_distance(word, candidate);
    };
    // What was cut short means what it begins.
    constexpr std::size_t enough = 3;
    const auto begun = std::ranges::find_if(candidates, [word](const std::string& candidate) {
        return word.size() >= enough && candidate.starts_with(word);
    });
    if (begun != candidates.end()) {
        return *begun;
    }
    const auto best = std::ranges::min_element(candidates, {}, distance);
    if (best == candidates.end() || distance(*best) > base::most_slips(word)) {
        return std::nullopt;
    }
    return *best;
}

}  // namespace turnpike::app
