// The command lines of `turnpike probe` and `turnpike respond`.
#include <fmt/core.h>

#include <cstdlib>

#include "app/probe_command.h"
#include "app/verb.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/proof/message.h"

namespace turnpike::app {
namespace {

constexpr const char* what_probe_does =
    "Tries from this host what the documents demand, row by row, as a client of the product\n"
    "would, captures its own packets while it does, and judges, stores and shows them as\n"
    "'turnpike analyze' does. Needs the right to capture: sudo setcap cap_net_raw+ep\n"
    "/path/to/turnpike. Rows that lead anywhere need a host outside that runs\n"
    "'turnpike respond': --responder. ^C ends it; what was tried until then is kept.\n";
constexpr const char* probe_examples =
    "\nExamples:\n"
    "  turnpike probe --require whereby --name eu-1.turn.whereby.com\n"
    "  turnpike probe --require zoom --responder audit.example.net --key-file audit.key\n"
    "  turnpike probe --require teams --names-from turnpike.db --dry-run\n"
    "\nExit status: 0 done; 1 --fail-on matched; 64 wrong usage; 65 the catalog, database or\n"
    "key is none; 66 the responder does not answer, or a file cannot be opened; 73 the output\n"
    "cannot be created; 74 interrupted, or the rest could not be stored; 77 no permission to\n"
    "capture.\n";

// What is tried, and by which way.
void add_target_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("dry-run", "print what would be sent and where, and send nothing")
        ("resolver", po::value<std::string>()->value_name("ADDRESS[:PORT]"),
         "ask this resolver for names (default: the system's)")
        ("name", po::value<Words>()->composing()->value_name("NAME"),
         "a host name to try for the patterns that cover it, repeatable")
        ("names-from", po::value<std::string>()->value_name("DATABASE"),
         "names that an earlier result saw below the patterns")
        ("proxy", po::value<std::string>()->value_name("HOST:PORT"),
         "HTTP proxy for TCP rows (default: what HTTPS_PROXY or ALL_PROXY says; none: straight)")
        ("proxy-credentials", po::value<std::string>()->value_name("FILE"),
         "file with user:password for the proxy")
        ("turn-credentials", po::value<std::string>()->value_name("FILE"),
         "file with user:password for the TURN servers of UDP rows: sound goes through a relay")
        ("ca-file", po::value<std::string>()->value_name("FILE"),
         "certification authorities to trust (PEM; default: the system's)");
    // clang-format on
}

// Who stands at the far end.
void add_responder_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("responder", po::value<std::string>()->value_name("HOST[:PORT]"),
         "host outside that runs 'turnpike respond', for rows that lead anywhere")
        ("key-file", po::value<std::string>()->value_name("FILE"),
         "the key that the responder has, too")
        ("channel", po::value<std::string>()->value_name("HOST[:PORT]"),
         "another address of the responder, around the firewall, to talk to it")
        ("rehearsal", "the responder stands in for every destination (tools/rehearse)");
    // clang-format on
}

// How much is tried, and how fast.
void add_extent_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("session-timeouts",
         "find how long the firewall keeps an idle UDP session, up to 640 s; takes longer")
        ("sample", po::value<std::string>()->value_name("COUNT|all"),
         "ports of a range, and names and networks of a row, to try (default: 12)")
        ("seed", po::value<std::string>()->value_name("NUMBER"),
         "of the choice of these: the same seed tries the same (default: 1)")
        ("rate", po::value<std::string>()->value_name("COUNT"),
         "attempts a second at most (default: 20); a vendor's host gets one at a time");
    // clang-format on
}

Verb probe_verb() {
    Verb verb{"probe", "[options] --require SELECTOR", po::options_description("Options"),
              what_probe_does, probe_examples};
    add_target_options(verb.options);
    add_responder_options(verb.options);
    add_extent_options(verb.options);
    add_judging_options(verb.options);
    add_result_options(verb.options);
    return verb;
}

Verb respond_verb() {
    Verb verb{
        "respond", "--key-file FILE [options]", po::options_description("Options"),
        "The far end of 'turnpike probe --responder': runs on a host outside that is yours, opens\n"
        "the ports that a probe with the same key is about to try, answers what carries its\n"
        "proof, and tells it what arrived. To everybody else it is silent. Make the key with\n"
        "(umask 077; openssl rand -hex 32 > audit.key) and copy the file to both sides.\n",
        "\nIt needs root, or: sudo setcap cap_net_raw,cap_net_bind_service,cap_net_admin+ep\n"
        "/path/to/turnpike. Root is given up once everything is open. ^C ends it.\n"
        "\nExamples:\n"
        "  sudo turnpike respond --key-file audit.key\n"
        "  sudo turnpike respond --key-file audit.key --port 3478 --user turnpike\n"
        "\nExit status: 0 done; 64 wrong usage; 65 the key is none; 66 the port or the key cannot\n"
        "be opened; 77 no permission.\n"};
    verb.options.add_options()
        // clang-format off
        ("key-file", po::value<std::string>()->value_name("FILE"), "the key that probes have, too")
        ("port", po::value<std::string>()->value_name("PORT"),
         "UDP port on which probes announce themselves (default: 47800)")
        ("user", po::value<std::string>()->value_name("NAME"),
         "user to become where started as root (default: nobody)")
        ("quiet,q", "print nothing but errors")
        ("help,h", "print this help");
    // clang-format on
    return verb;
}

std::string proxy_of(const po::variables_map& map) {
    if (map.contains("proxy")) {
        return get<std::string>(map, "proxy");
    }
    for (const auto* const variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        const char* const value = std::getenv(variable);
        if (value != nullptr && *value != '\0') {
            return value;
        }
    }
    return {};
}

std::string name_of(const std::string& word) {
    auto name = base::to_lower(word);
    if (name.ends_with('.')) {
        name.pop_back();
    }
    constexpr std::size_t longest = 253;
    const bool sound =
        !name.empty() && name.size() <= longest &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string::npos;
    if (!sound) {
        wrong_usage(fmt::format("--name {}: give a host name such as eu-1.turn.example.com",
                                base::escape(word)));
    }
    return name;
}

void check(const ProbeCommand& command, const po::variables_map& map) {
    if (map.contains("arguments")) {
        wrong_usage(fmt::format("probe {}: write --require before the product",
                                base::escape(list(map, "arguments").front())));
    }
    if (command.judging.require.empty()) {
        wrong_usage(
            "probe: name the product to try with --require; 'turnpike catalog list' shows "
            "them");
    }
    if (!command.responder.empty() && command.key_file.empty()) {
        wrong_usage("--responder: give the key that it has with --key-file");
    }
    if (command.responder.empty() && (map.contains("key-file") || map.contains("channel") ||
                                      command.rehearsal || command.session_timeouts)) {
        wrong_usage("--key-file, --channel, --rehearsal and --session-timeouts need --responder");
    }
    if (command.proxy.empty() && !command.proxy_credentials.empty()) {
        wrong_usage("--proxy-credentials: there is no --proxy");
    }
    if (command.rehearsal && !command.proxy.empty()) {
        wrong_usage("--rehearsal: goes straight; unset the proxy variables and leave out --proxy");
    }
}

}  // namespace

std::optional<ProbeCommand> parse_probe(const std::vector<std::string>& arguments) {
    const auto map = parse(probe_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    ProbeCommand command;
    command.judging = shared_options(*map);
    command.resolver = get<std::string>(*map, "resolver");
    for (const auto& word : list(*map, "name")) {
        command.names.push_back(name_of(word));
    }
    command.names_from = get<std::string>(*map, "names-from");
    command.responder = get<std::string>(*map, "responder");
    command.channel = get<std::string>(*map, "channel");
    command.key_file = get<std::string>(*map, "key-file");
    command.rehearsal = map->contains("rehearsal");
    command.proxy = command.rehearsal && !map->contains("proxy") ? "" : proxy_of(*map);
    command.proxy_credentials = get<std::string>(*map, "proxy-credentials");
    command.turn_credentials = get<std::string>(*map, "turn-credentials");
    command.ca_file = get<std::string>(*map, "ca-file");
    constexpr std::size_t most_sampled = 65'535;
    command.every_port = get<std::string>(*map, "sample") == "all";
    if (!command.every_port) {
        command.sample = number<std::size_t>(*map, "sample", command.sample, 1, most_sampled);
    }
    command.seed = number<std::uint64_t>(*map, "seed", command.seed, 0, ~std::uint64_t{0} >> 1U);
    command.rate = number<unsigned>(*map, "rate", 20, 1, 1000);
    command.session_timeouts = map->contains("session-timeouts");
    command.dry_run = map->contains("dry-run");
    check(command, *map);
    return command;
}

std::optional<RespondCommand> parse_respond(const std::vector<std::string>& arguments) {
    const auto map = parse(respond_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    if (map->contains("arguments")) {
        wrong_usage(fmt::format("respond {}: takes no arguments",
                                base::escape(list(*map, "arguments").front())));
    }
    RespondCommand command;
    command.key_file = get<std::string>(*map, "key-file");
    if (command.key_file.empty()) {
        wrong_usage(
            "respond: give the shared key with --key-file; make one with: "
            "(umask 077; openssl rand -hex 32 > audit.key)");
    }
    command.port = number<std::uint16_t>(*map, "port", proof::default_port, 1, 65'535);
    command.user = get<std::string>(*map, "user");
    command.quiet = map->contains("quiet");
    return command;
}

}  // namespace turnpike::app
