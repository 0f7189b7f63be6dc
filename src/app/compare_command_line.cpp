// The command line of `turnpike compare`.
#include <filesystem>

#include "app/compare.h"
#include "app/verb.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

Verb compare_verb() {
    Verb verb{
        "compare", "[options] INSIDE OUTSIDE", po::options_description("Options"),
        "Compares two captures of the same traffic, one from each side of a firewall: what became\n"
        "of every packet in between, through address translation and whatever the clocks say.\n"
        "Judges the call like analyze, but what went in and never came out, or was refused in\n"
        "between, is blocked for certain (grade A), and what came out is not the firewall's "
        "doing.\n"
        "Writes a run of INSIDE with two more views, comparisons and crossings.\n\n"
        "INSIDE is the capture of the clients' side, OUTSIDE that of the Internet's; pcap or\n"
        "pcapng, plain or compressed. Record both at the same time, some seconds longer than the\n"
        "call, and let something pass (a look-up in the DNS will do). Examples:\n"
        "  turnpike compare inside.pcap outside.pcap --require whereby\n"
        "  turnpike report turnpike.db --format markdown\n",
        "\nExit status: 0 done; 1 --fail-on matched; 64 wrong usage; 65 a capture is none, or the\n"
        "two do not fit together; 66 one cannot be opened; 73 the output cannot be created; 74 "
        "the\n"
        "input broke off: what was compared so far is kept.\n"};
    add_judging_options(verb.options);
    add_result_options(verb.options);
    return verb;
}

}  // namespace

std::optional<CompareOptions> parse_compare(const std::vector<std::string>& arguments) {
    const auto map = parse(compare_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    const auto words = list(*map, "arguments");
    if (words.size() != 2) {
        wrong_usage("compare: give two captures, that of the inside and that of the outside");
    }
    CompareOptions options{shared_options(*map), words[0], words[1]};
    std::error_code error;
    if (options.inside == options.outside ||
        std::filesystem::equivalent(options.inside, options.outside, error)) {
        wrong_usage("compare: " + base::escape(options.inside) +
                    " is given twice; give one capture of each side of the firewall");
    }
    return options;
}

}  // namespace turnpike::app
