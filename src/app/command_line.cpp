// The command lines of `analyze`, `report` and `catalog`, and the program's general help.
#include "app/command_line.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "app/catalog_action.h"
#include "app/catalog_action_help.h"
#include "app/catalog_export_options.h"
#include "app/catalog_network_options.h"
#include "app/memory_option.h"
#include "app/verb.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

constexpr std::string_view exit_statuses =
    "\nExit status: 0 done; 1 --fail-on matched; 64 wrong usage; 65 the input is no capture,\n"
    "database or catalog; 66 it cannot be opened; 73 the output cannot be created; 74 the input\n"
    "broke off, the run was interrupted, or writing failed: what was analysed so far is kept.\n";

Verb analyze_verb() {
    Verb verb{
        "analyze", "[options] CAPTURE...", po::options_description("Options"),
        "Reads captures as one observation, writes a result database, prints the report.\n\n"
        "CAPTURE is a pcap or pcapng file, plain or compressed with gzip, zstd, xz, bzip2 or\n"
        "lz4; - is standard input. Several files are merged by time.\n",
        std::string(
            "\nExamples:\n"
            "  turnpike analyze call.pcapng                            what is in it\n"
            "  turnpike analyze --require whereby call.pcapng          only that question\n"
            "  turnpike analyze --require teams --fail-on blocked,nothing-seen call.pcapng\n"
            "  tcpdump -w - | turnpike analyze -                       from a pipe\n") +
            std::string(exit_statuses)};
    add_judging_options(verb.options);
    add_memory_option(verb.options);
    add_result_options(verb.options);
    return verb;
}

Verb report_verb() {
    Verb verb{"report", "[options] DATABASE", po::options_description("Options"),
              "Renders a run of a result database again.\n",
              std::string("\nExamples:\n"
                          "  turnpike report turnpike.db --format html > report.html\n"
                          "  turnpike report turnpike.db --explain turn-udp\n"
                          "  turnpike report turnpike.db --explain 7 --format json\n") +
                  std::string(exit_statuses)};
    verb.options.add_options()
        // clang-format off
        ("list", "list the runs of the database (as text or json)")
        ("annotate", po::value<Words>()->value_name("CAPTURE"),
         "write the capture with comments at the packets that verdicts rest on, to --output; more: "
         "report --annotate --help")
        ("anonymize", "for tickets: addresses mapped prefix by prefix (Crypto-PAn), names that are "
         "no vendor's replaced; --key FILE keeps the mapping for another time")
        ("run", po::value<std::int64_t>()->value_name("ID"), "the run to show (default: the newest)")
        ("explain", po::value<std::string>()->value_name("ROW"),
         "tell the story of one flow (its number) or requirement (its rule's id), packet by packet, as "
         "text or json")
        ("require,r", po::value<Words>()->composing()->value_name("SELECTOR"),
         "show and judge only these products of the run, repeatable");
    // clang-format on
    add_report_memory_option(verb.options);
    add_result_options(verb.options);
    return verb;
}

constexpr const char* catalog_actions =
    "list                 every revision in the catalog\n"
    "show SELECTOR...     every rule of the revisions\n"
    "check [FILE|DIR...]  every mistake and doubt; with errors the exit status is 65\n"
    "diff BEFORE AFTER    what a firewall must add and may remove: two selectors, or two\n"
    "                     files or directories\n"
    "new                  a commented example of a vendor's entry\n"
    "export --format F    what requirements need, in a firewall's own language; its options\n"
    "                     and examples: turnpike catalog export --help\n"
    "import KIND FILE     an entry made of a list (microsoft365, aws, google, cidrs, csv, json)\n"
    "                     or of a document in HTML or Markdown; what was not understood is\n"
    "                     listed with its line, and the exit status is 65; an existing file is\n"
    "                     never overwritten, the difference is shown. Examples:\n"
    "                       catalog import document page.html --vendor example -o mine.yaml\n"
    "                       catalog import csv ports.csv --vendor example --product calls\n"
    "                       catalog import aws ip-ranges.json --service CHIME_MEETINGS\n"
    "refresh [VENDOR...]  the addresses that vendors publish as feeds, fetched anew; its options\n"
    "                     and examples: turnpike catalog refresh --help\n"
    "update --from PLACE  a newer catalog, signed, from a file or an address: turnpike catalog\n"
    "                     update --help\n";
constexpr const char* own_catalog_help =
    "\nA directory turnpike/catalog in your configuration folder ($XDG_CONFIG_HOME, else\n"
    "~/.config) is read behind the built-in catalog: its revisions are added or replace\n"
    "built-in ones. --catalog takes the place of both.\n";

Verb catalog_verb() {
    Verb verb{"catalog", "ACTION [options] [arguments]", po::options_description("Options"),
              catalog_actions, own_catalog_help};
    verb.options.add_options()
        // clang-format off
        ("catalog", po::value<Words>()->composing()->value_name("DIR"),
         "catalog directory or file, repeatable (default: the built-in catalog and your own)")
        ("format", po::value<std::string>()->value_name("FORMAT"),
         "text (default), json, csv or markdown")
        ("output,o", po::value<std::string>()->value_name("FILE"),
         "new and import: write to this file, which must not exist yet")
        ("vendor", po::value<std::string>()->value_name("ID"), "import: the vendor's identifier")
        ("product", po::value<std::string>()->value_name("ID"), "import: the product's identifier; of a document with several, the one to take")
        ("revision", po::value<std::string>()->value_name("DAY"),
         "import: the revision, best its day: 2025-01-31")
        ("location", po::value<std::string>()->value_name("URL"), "import: where the list is from")
        ("service", po::value<Words>()->composing()->value_name("NAME"),
         "import microsoft365, aws and google: only this service, repeatable")
        ("region", po::value<std::string>()->value_name("NAME"),
         "import aws and google: only this region, and what is announced for all")
        ("stale-after", po::value<unsigned>()->value_name("DAYS"),
         "check: warn of every current entry that nobody read for so long (default: 366 days, your own entries only)")
        ("quiet,q", "print nothing but errors")
        ("help,h", "print this help");
    // clang-format on
    return verb;
}

CatalogOptions::Action action_of(const std::string& word) {
    using Action = CatalogOptions::Action;
    static const std::map<std::string, Action, std::less<>> actions{
        {"list", Action::list},          {"show", Action::show},
        {"check", Action::check},        {"diff", Action::diff},
        {"new", Action::new_entry},      {"export", Action::export_rules},
        {"import", Action::import_file}, {"refresh", Action::refresh},
        {"update", Action::update},
    };
    if (const auto known = actions.find(word); known != actions.end()) {
        return known->second;
    }
    std::vector<std::string> all;
    all.reserve(actions.size());
    for (const auto& [text, action] : actions) {
        all.push_back(text);
    }
    const auto guess = nearest(word, all);
    wrong_usage(fmt::format("catalog {}: unknown action; {}", base::escape(word),
                            guess ? fmt::format("did you mean 'turnpike catalog {}'?", *guess)
                                  : fmt::format("use one of {}", fmt::join(all, ", "))));
}

std::chrono::days stale_after_of(const po::variables_map& map) {
    constexpr unsigned a_century = 36525;
    const auto days = get<unsigned>(map, "stale-after", 0);
    if (map.contains("stale-after") && (days == 0 || days > a_century)) {
        wrong_usage(fmt::format("--stale-after {}: give 1 to {} days", days, a_century));
    }
    return std::chrono::days(days);
}

/// Options of `report` that only --annotate and --anonymize know, which have command lines of their
/// own, with the one that each goes with.
const std::map<std::string_view, std::string_view>& companions() {
    static const std::map<std::string_view, std::string_view> companions{
        {"--evidence-only", "--annotate"}, {"--output", "--annotate"},   {"-o", "--annotate"},
        {"--key", "--anonymize"},          {"--catalog", "--anonymize"},
    };
    return companions;
}

void refuse_lonely_options(const std::vector<std::string>& arguments) {
    for (const std::string_view argument : arguments) {
        const auto name = argument.substr(0, argument.find('='));
        if (const auto found = companions().find(name); found != companions().end()) {
            wrong_usage(
                fmt::format("{}: goes with {}; see 'turnpike report --help'", name, found->second));
        }
    }
}

// An option that the action would ignore is a misunderstanding, so it is refused.
void refuse_foreign_options(const po::variables_map& map, CatalogOptions::Action action) {
    using Action = CatalogOptions::Action;
    static const std::map<std::string, std::vector<Action>> owners{
        {"output", {Action::new_entry, Action::import_file}},
        {"vendor", {Action::import_file}},
        {"product", {Action::import_file}},
        {"revision", {Action::import_file}},
        {"location", {Action::import_file}},
        {"service", {Action::import_file}},
        {"region", {Action::import_file}},
        {"stale-after", {Action::check}},
    };
    for (const auto& [name, actions] : owners) {
        if (map.contains(name) && std::ranges::find(actions, action) == actions.end()) {
            wrong_usage(fmt::format(
                "--{}: is no option of this action; see 'turnpike catalog --help'", name));
        }
    }
}

}  // namespace

std::optional<AnalyzeOptions> parse_analyze(const std::vector<std::string>& arguments) {
    const auto map = parse(analyze_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    AnalyzeOptions options = shared_options(*map);
    options.memory = memory_of(*map);
    options.captures = list(*map, "arguments");
    if (options.captures.empty()) {
        wrong_usage(
            "analyze: no capture given; name a pcap or pcapng file, or - for standard input");
    }
    return options;
}

bool is_option_of_report(std::string_view name) {
    return companions().contains(name) || has_option(report_verb(), name);
}

std::optional<ReportOptions> parse_report(const std::vector<std::string>& arguments) {
    refuse_lonely_options(arguments);
    const auto map = parse(report_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    const auto words = list(*map, "arguments");
    if (words.size() != 1) {
        wrong_usage(words.empty()
                        ? "report: no database given; name the file that 'turnpike analyze' wrote"
                        : "report: one database at a time");
    }
    ReportOptions options;
    options.database = words[0];
    if (map->contains("run")) {
        options.run = (*map)["run"].as<std::int64_t>();
    }
    options.explain = get<std::string>(*map, "explain", "");
    options.require = list(*map, "require");
    options.format = format_of(get<std::string>(*map, "format", "text"));
    options.fail_on = fail_on_of(list(*map, "fail-on"));
    options.quiet = map->contains("quiet");
    options.all = map->contains("all");
    options.local_time = map->contains("local-time");
    options.require_confinement = map->contains("require-confinement");
    options.memory = memory_of(*map);
    return options;
}

std::optional<CatalogOptions> parse_catalog(const std::vector<std::string>& arguments) {
    if (const auto words = words_of_action(arguments, "export")) {
        return parse_catalog_export(*words);
    }
    if (const auto words = words_of_action(arguments, "refresh")) {
        return parse_catalog_refresh(*words);
    }
    if (const auto words = words_of_action(arguments, "update")) {
        return parse_catalog_update(*words);
    }
    const auto verb = catalog_verb();
    if (print_catalog_action_help(verb.options, arguments)) {
        return std::nullopt;
    }
    const auto map = parse(verb, arguments);
    if (!map) {
        return std::nullopt;
    }
    auto words = list(*map, "arguments");
    if (words.empty()) {
        wrong_usage("catalog: no action given; see 'turnpike catalog --help'");
    }
    CatalogOptions options;
    options.action = action_of(words[0]);
    refuse_foreign_options(*map, options.action);
    options.arguments.assign(words.begin() + 1, words.end());
    options.catalogs = paths(*map, "catalog");
    options.format = get<std::string>(*map, "format");
    options.quiet = map->contains("quiet");
    options.output = get<std::string>(*map, "output");
    options.stale_after = stale_after_of(*map);
    options.import_options = {
        get<std::string>(*map, "vendor"),
        get<std::string>(*map, "product"),
        get<std::string>(*map, "revision"),
        get<std::string>(*map, "location"),
        list(*map, "service"),
        get<std::string>(*map, "region"),
    };
    return options;
}

std::string_view general_help() noexcept {
    return "turnpike tells from packets whether a firewall lets a vendor's calls through.\n"
           "\n"
           "Usage: turnpike VERB [options] [arguments]\n"
           "\n"
           "  analyze CAPTURE...          read captures, write a result database, print the "
           "report\n"
           "  live -i INTERFACE           the same from an interface, as it happens\n"
           "  probe --require SELECTOR    try from here what the documents demand, without a call\n"
           "  respond --key-file FILE     the far end for probe, on a host outside that is yours\n"
           "  report DATABASE             render a result database again\n"
           "  compare INSIDE OUTSIDE      captures of both sides of a firewall: what died in it\n"
           "  diff [BEFORE AFTER]         what changed from one run to another\n"
           "  catalog ACTION              the vendors' firewall documents as rules: list, show, "
           "check,\n"
           "                              diff, new, export, import, refresh, update\n"
           "\n"
           "  turnpike VERB --help        the options of a verb\n"
           "  turnpike --version          the version\n";
}

}  // namespace turnpike::app
