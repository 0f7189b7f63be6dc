// Reads the command line of `turnpike catalog export`, and refuses what the format cannot use.
#include "app/catalog_export_options.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "app/verb.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

constexpr const char* examples =
    "\nExamples:\n"
    "  turnpike catalog export --format nftables --inside lan0 --outside wan0 \\\n"
    "      --require whereby --seen turnpike.db > turnpike.nft\n"
    "  turnpike catalog export --format iptables --inside 192.168.0.0/16 --outside ppp0 \\\n"
    "      --blocked turnpike.db\n"
    "  turnpike catalog export --format palo-alto --inside trust --outside untrust \\\n"
    "      --require zoom/meetings --level required --alternative preferred\n"
    "  turnpike catalog export --format aws-security-group --require zoom > egress.json\n"
    "  aws ec2 authorize-security-group-egress --group-id sg-... --ip-permissions "
    "file://egress.json\n"
    "  turnpike catalog export --format hosts --require agora/rtc-web > /etc/squid/agora.domains\n"
    "  turnpike catalog export --format csv --require agora > agora.csv\n"
    "\nWhere a firewall cannot match names, a row is written with the addresses that --seen or\n"
    "--blocked found for them, else it stands there as a comment. A row that the document opens\n"
    "from anywhere outside is a comment, too. Answers pass by the connection's state.\n";

// What each format wants as --inside and --outside.
std::string format_table() {
    std::string text = "\nFormats, and what --inside and --outside mean to them:\n";
    for (const auto& word : catalog::firewall_words()) {
        text +=
            fmt::format("  {:<27}{}\n", word, catalog::sides_text(*catalog::parse_firewall(word)));
    }
    return text;
}

Verb export_verb() {
    Verb verb{"catalog export", "--format FORMAT [options]", po::options_description("Options"),
              "What products need, in a firewall's own language: the fewest rules, for review.\n",
              format_table() + examples};
    verb.options.add_options()
        // clang-format off
        ("format", po::value<std::string>()->value_name("FORMAT"), "see below")
        ("require,r", po::value<Words>()->composing()->value_name("SELECTOR"),
         "vendor, vendor/product or vendor/product@revision, repeatable (default: every current "
         "revision)")
        ("inside", po::value<Words>()->composing()->value_name("PLACE[,PLACE]"),
         "where the calls' clients are: interfaces, zones or networks, see below")
        ("outside", po::value<Words>()->composing()->value_name("PLACE[,PLACE]"),
         "where the vendor is")
        ("level", po::value<std::string>()->value_name("LEVEL"),
         "required (without conditional rows), recommended (those, too), all (default)")
        ("alternative", po::value<std::string>()->value_name("WHICH"),
         "preferred: of rows that replace each other those the document prefers; all (default)")
        ("set", po::value<Words>()->composing()->value_name("NAME=VALUE"),
         "what only you know: region=eu, turn.host=turn.example.com, repeatable")
        ("seen", po::value<std::string>()->value_name("DB"),
         "write the addresses that the newest run of this result database saw for names")
        ("blocked", po::value<std::string>()->value_name("DB"),
         "the same, and only what that run found blocked")
        ("run", po::value<std::int64_t>()->value_name("ID"),
         "of --seen or --blocked: the run (default: the newest)")
        ("part", po::value<unsigned>()->value_name("N"),
         "aws-security-group: the N-th group's share where one group's quota does not do")
        ("catalog", po::value<Words>()->composing()->value_name("DIR"),
         "catalog directory or file, repeatable (default: the built-in catalog and your own)")
        ("quiet,q", "no remarks on standard error, only errors")
        ("help,h", "print this help");
    // clang-format on
    return verb;
}

// Repeated or parted by commas.
std::vector<std::string> places(const po::variables_map& map, const char* name) {
    std::vector<std::string> all;
    for (const auto& words : list(map, name)) {
        std::size_t begin = 0;
        while (begin <= words.size()) {
            const auto end = std::min(words.find(',', begin), words.size());
            all.push_back(words.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return all;
}

[[noreturn]] void refuse(const char* option, const std::string& word,
                         const std::vector<std::string>& words) {
    const auto guess = nearest(word, words);
    wrong_usage(fmt::format("--{} {}: {}", option, base::escape(word),
                            guess ? fmt::format("did you mean {}?", *guess)
                                  : fmt::format("use {}", fmt::join(words, ", "))));
}

catalog::ExportChoice choice_of(const po::variables_map& map) {
    using Needed = catalog::ExportChoice::Needed;
    catalog::ExportChoice choice;
    const auto level = get<std::string>(map, "level", "all");
    if (level == "required") {
        choice.needed = Needed::required;
    } else if (level == "recommended") {
        choice.needed = Needed::recommended;
    } else if (level != "all") {
        refuse("level", level, {"required", "recommended", "all"});
    }
    const auto alternative = get<std::string>(map, "alternative", "all");
    if (alternative != "preferred" && alternative != "all") {
        refuse("alternative", alternative, {"preferred", "all"});
    }
    choice.preferred_only = alternative == "preferred";
    return choice;
}

void refuse_pointless(const po::variables_map& map, const CatalogOptions& options) {
    if (map.contains("seen") && map.contains("blocked")) {
        wrong_usage("--seen and --blocked: one of them; --blocked also writes what was seen");
    }
    if (map.contains("run") && !map.contains("seen") && !map.contains("blocked")) {
        wrong_usage("--run: say whose run, with --seen DB or --blocked DB");
    }
    if (map.contains("part") && !options.format.starts_with("aws-security-group")) {
        wrong_usage("--part: only aws-security-group has a quota to divide for");
    }
    if (map.contains("part") && options.sides.part == 0) {
        wrong_usage("--part 0: parts are counted from 1");
    }
}

}  // namespace

std::optional<CatalogOptions> parse_catalog_export(const std::vector<std::string>& words) {
    const auto map = parse(export_verb(), words);
    if (!map) {
        return std::nullopt;
    }
    CatalogOptions options;
    options.action = CatalogOptions::Action::export_rules;
    options.arguments = list(*map, "arguments");
    options.catalogs = paths(*map, "catalog");
    options.format = get<std::string>(*map, "format");
    options.quiet = map->contains("quiet");
    options.require = list(*map, "require");
    options.settings = list(*map, "set");
    options.seen = get<std::string>(*map, "seen");
    options.blocked = get<std::string>(*map, "blocked");
    if (map->contains("run")) {
        options.run = (*map)["run"].as<std::int64_t>();
    }
    options.choice = choice_of(*map);
    options.sides = {places(*map, "inside"), places(*map, "outside"),
                     get<unsigned>(*map, "part", 1)};
    refuse_pointless(*map, options);
    return options;
}

}  // namespace turnpike::app
