// The help texts of `turnpike catalog`'s actions: what each takes, with examples.
#include "app/catalog_action_help.h"

#include <algorithm>
#include <array>

namespace turnpike::app {
namespace {

struct ActionHelp {
    const char* name;
    const char* synopsis;
    const char* text;
    std::vector<const char*> options;
    const char* examples;
};

const std::array<ActionHelp, 6>& actions() {
    static const std::array<ActionHelp, 6> all{{
        {"list",
         "[SELECTOR...] [options]",
         "Lists every revision in the catalog, or those of the products that you name.\n",
         {"catalog", "format", "quiet", "help"},
         "\nExamples:\n  turnpike catalog list\n  turnpike catalog list zoom teams\n"
         "  turnpike catalog list --format csv\n"},
        {"show",
         "SELECTOR... [options]",
         "Shows every rule of the revisions: vendor, vendor/product, vendor/product@revision, or\n"
         "what people type (teams, webex, meet, chime).\n",
         {"catalog", "format", "quiet", "help"},
         "\nExamples:\n  turnpike catalog show whereby\n"
         "  turnpike catalog show agora/rtc-web@2018-11-06 --format markdown\n"},
        {"check",
         "[FILE|DIR...] [options]",
         "Finds every mistake and doubt in entries (default: the built-in catalog and your own);\n"
         "with mistakes the exit status is 65. 'catalog list' and 'show' tell how old the "
         "built-in\n"
         "entries are; --stale-after warns of their age, too.\n",
         {"catalog", "format", "stale-after", "quiet", "help"},
         "\nExamples:\n  turnpike catalog check\n  turnpike catalog check mine.yaml\n"
         "  turnpike catalog check --stale-after 366\n"},
        {"diff",
         "BEFORE AFTER [options]",
         "Says what a firewall must add and may remove: two selectors, or two files or\n"
         "directories.\n",
         {"catalog", "format", "quiet", "help"},
         "\nExamples:\n  turnpike catalog diff agora/rtc-web@2018-11-06 agora/rtc-web\n"
         "  turnpike catalog diff old.yaml new.yaml\n"},
        {"new",
         "[options]",
         "Writes a commented example of a vendor's entry, to be filled in.\n",
         {"output", "quiet", "help"},
         "\nExample:\n  turnpike catalog new -o ~/.config/turnpike/catalog/mine.yaml\n"},
        {"import",
         "KIND FILE [options]",
         "Makes an entry of a list (microsoft365, aws, google, cidrs, csv, json) or of a document\n"
         "in HTML or Markdown. What was not understood is listed with its line, and the exit\n"
         "status is 65; an existing file is never overwritten, the difference is shown.\n",
         {"output", "vendor", "product", "revision", "location", "service", "region", "quiet",
          "help"},
         "\nExamples:\n"
         "  turnpike catalog import document page.html --vendor example -o mine.yaml\n"
         "  turnpike catalog import csv ports.csv --vendor example --product calls\n"
         "  turnpike catalog import aws ip-ranges.json --service CHIME_MEETINGS\n"},
    }};
    return all;
}

}  // namespace

bool print_catalog_action_help(const po::options_description& all,
                               const std::vector<std::string>& words) {
    const bool asked = std::ranges::any_of(
        words, [](const std::string& word) { return word == "--help" || word == "-h"; });
    if (!asked || words.empty()) {
        return false;
    }
    const auto* const action =
        std::ranges::find_if(actions(), [&](const auto& each) { return words[0] == each.name; });
    if (action == actions().end()) {
        return false;
    }
    Verb verb{std::string("catalog ") + action->name, action->synopsis,
              po::options_description("Options"), action->text, action->examples};
    for (const auto& option : all.options()) {
        if (std::ranges::find(action->options, option->long_name()) != action->options.end()) {
            verb.options.add(option);
        }
    }
    return !parse(verb, {"--help"});
}

}  // namespace turnpike::app
