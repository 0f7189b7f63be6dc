// What the command lines of all verbs share: parsing with Boost.Program_options, whose headers
// reach no further than the files that include this one.
#pragma once

#include <fmt/core.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_line.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

/// A verb's options and how its help begins and ends.
struct Verb {
    std::string name;
    std::string synopsis;
    po::options_description options;
    std::string arguments;  ///< of the positional arguments: shown in the help
    std::string epilogue;
};

/// Throws base::Error (usage).
[[noreturn]] void wrong_usage(const std::string& message);

/// Returns nothing after printing the help. Positional words are collected under `arguments`.
std::optional<po::variables_map> parse(const Verb& verb, const std::vector<std::string>& words);

/// Whether the verb has an option of that name, written with its dashes.
bool has_option(const Verb& verb, std::string_view name);
/// The same of `report`, also for options that go with another one only (--key).
bool is_option_of_report(std::string_view name);

template <typename T>
T get(const po::variables_map& map, const char* name, const T& otherwise = {}) {
    return map.contains(name) ? map[name].as<T>() : otherwise;
}
/// A number within bounds, or the default. Read here: Program_options takes -1 for the largest
/// number there is.
template <typename Number>
Number number(const po::variables_map& map, const char* name, Number otherwise, Number least,
              Number most) {
    if (!map.contains(name)) {
        return otherwise;
    }
    const auto word = get<std::string>(map, name);
    Number value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < least || value > most) {
        wrong_usage(fmt::format("--{} {}: give a number from {} to {}", name, base::escape(word),
                                least, most));
    }
    return value;
}

std::vector<std::string> list(const po::variables_map& map, const char* name);
std::vector<std::filesystem::path> paths(const po::variables_map& map, const char* name);

/// --require, --catalog, --set, --tell-apart, --output.
void add_judging_options(po::options_description& options);
/// --format, --all, --local-time, --fail-on, --quiet, --help.
void add_result_options(po::options_description& options);

report::Format format_of(const std::string& word);
/// "blocked,nothing-seen", possibly repeated.
FailOn fail_on_of(const std::vector<std::string>& lists);
/// What `add_judging_options` and `add_result_options` added.
AnalyzeOptions shared_options(const po::variables_map& map);

}  // namespace turnpike::app
