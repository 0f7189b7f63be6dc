// Reads the command lines of `catalog refresh` and `catalog update`, with the limits of what
// they may fetch.
#include "app/catalog_network_options.h"

#include <fmt/core.h>

#include "app/verb.h"

namespace turnpike::app {
namespace {

constexpr unsigned longest_wait = 3600;

void add_network_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("ca-file", po::value<std::string>()->value_name("PEM"),
         "certificates to trust instead of the system's (where a firewall opens TLS)")
        ("timeout", po::value<unsigned>()->value_name("SECONDS"),
         "for each file that is fetched (default: 60)")
        ("help,h", "print this help");
    // clang-format on
}

CatalogOptions options_of(const po::variables_map& map, CatalogOptions::Action action) {
    CatalogOptions options;
    options.action = action;
    options.arguments = list(map, "arguments");
    options.from = get<std::string>(map, "from");
    options.yes = map.contains("yes");
    options.limits.authorities = get<std::string>(map, "ca-file");
    const auto seconds =
        get<unsigned>(map, "timeout", static_cast<unsigned>(options.limits.time.count()));
    if (seconds == 0 || seconds > longest_wait) {
        wrong_usage(fmt::format("--timeout {}: give 1 to {} seconds", seconds, longest_wait));
    }
    options.limits.time = std::chrono::seconds(seconds);
    return options;
}

Verb refresh_verb() {
    Verb verb{"catalog refresh", "[VENDOR | VENDOR/FEED]... [options]",
              po::options_description("Options"),
              "Fetches the lists that vendors publish for machines (all, or those of these\n"
              "vendors), shows what they change, asks, and writes each as a new revision into\n"
              "turnpike/catalog of your configuration folder. Rows that refer to a list then\n"
              "match its addresses.\n",
              "\nExamples:\n"
              "  turnpike catalog refresh zoom microsoft\n"
              "  turnpike catalog refresh zoom/feed-meetings --from ZoomMeetings.txt\n"
              "  turnpike catalog refresh --yes                # every week, from cron\n"
              "\nOnly https, with a certificate that holds. The proxy of the environment\n"
              "(https_proxy) is used. A list that lost more than half of what it held is not\n"
              "written with --yes. feeds.yaml in your own catalog may add feeds.\n"};
    verb.options.add_options()
        // clang-format off
        ("from", po::value<std::string>()->value_name("FILE"),
         "read this file instead of the network; name one feed")
        ("yes,y", "write without asking");
    // clang-format on
    add_network_options(verb.options);
    return verb;
}

Verb update_verb() {
    Verb verb{
        "catalog update", "--from FILE|URL [options]", po::options_description("Options"),
        "Installs a signed release of the catalog in the place of the built-in one. The\n"
        "signature stands beside it: FILE.minisig. Nothing is installed if it does not hold,\n"
        "if the release is not newer than what is installed, or needs a newer turnpike.\n",
        "\nExamples:\n"
        "  turnpike catalog update --from turnpike-catalog-2026-12-01.tar.gz --key their.pub\n"
        "  turnpike catalog update --from https://example.org/turnpike-catalog.tar.gz\n"
        "\nWithout --key these public keys are trusted: the one that the program was built\n"
        "with, /etc/turnpike/catalog.pub, and turnpike/catalog.pub of your configuration\n"
        "folder. The release goes to turnpike/catalog of your data folder ($XDG_DATA_HOME,\n"
        "else ~/.local/share); remove that, and the built-in catalog counts again.\n"};
    verb.options.add_options()
        // clang-format off
        ("from", po::value<std::string>()->value_name("FILE|URL"), "the release: a file, or an https address")
        ("key", po::value<std::string>()->value_name("FILE|KEY"), "the only public key to trust, in minisign's form");
    // clang-format on
    add_network_options(verb.options);
    return verb;
}

}  // namespace

std::optional<CatalogOptions> parse_catalog_refresh(const std::vector<std::string>& words) {
    const auto map = parse(refresh_verb(), words);
    if (!map) {
        return std::nullopt;
    }
    return options_of(*map, CatalogOptions::Action::refresh);
}

std::optional<CatalogOptions> parse_catalog_update(const std::vector<std::string>& words) {
    const auto map = parse(update_verb(), words);
    if (!map) {
        return std::nullopt;
    }
    auto options = options_of(*map, CatalogOptions::Action::update);
    options.key = get<std::string>(*map, "key");
    if (options.from.empty() || !options.arguments.empty()) {
        wrong_usage("catalog update: give the release with --from FILE or --from https://...");
    }
    return options;
}

}  // namespace turnpike::app
