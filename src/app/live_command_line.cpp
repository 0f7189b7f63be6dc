// The command line of `turnpike live`.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "app/memory_option.h"
#include "app/verb.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/monitor/web_server.h"

namespace turnpike::app {
namespace {

constexpr unsigned most_workers = 64;
constexpr std::size_t most_ring_mib = 4096;  // libpcap's ring size is an int
constexpr std::uint32_t most_snap_length = 262'144;
constexpr std::uint64_t most_packets = 1'000'000'000'000'000;

constexpr const char* what_live_does =
    "Watches interfaces (best a mirror port) during a call, shows which rows of the documents\n"
    "pass as it happens, writes a result database, and prints the report at the end: after\n"
    "--duration or --packets, or with ^C. SIGHUP reads the catalog again, SIGUSR1 prints the\n"
    "state. Root is not needed: sudo setcap cap_net_raw+ep /path/to/turnpike\n";
constexpr const char* live_examples =
    "\nTIME is 90s, 15m, 2h or 7d; SIZE is 500M or 2G.\n"
    "\nExamples:\n"
    "  turnpike live -i eth1 --require whereby\n"
    "  turnpike live -i eth1 -i eth2 --duration 10m        the two directions of a tap\n"
    "  turnpike live -i eth1 --web 127.0.0.1:8080          then open http://127.0.0.1:8080/\n"
    "  turnpike live -i eth1 --rotate 1d --keep 14 --metrics 127.0.0.1:9464\n"
    "\nExit status: 0 done; 1 --fail-on matched; 64 wrong usage; 65 the catalog or database "
    "is\n"
    "none; 66 the interface cannot be opened; 73 the output cannot be created; 74 the\n"
    "interface went away or the rest could not be stored; 77 no permission to capture.\n";

// What is captured, and how.
void add_source_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("interface,i", po::value<Words>()->composing()->value_name("NAME"),
         "interface to watch, repeatable (the two directions of a tap); any is all of them")
        ("listen", po::value<Words>()->composing()->value_name("KIND:PORT"),
         "UDP port on which a cloud mirrors frames: vxlan:4789, geneve:6081, "
         "vxlan:4789@ADDRESS; behind it ,from=NETWORK and ,vni=NUMBER leave others out, who could "
         "send anything; needs no permission, repeatable")
        ("list", "list the interfaces and what each can do")
        ("filter,f", po::value<std::string>()->value_name("EXPRESSION"),
         "capture filter (pcap-filter(7))")
        ("filter-inside",
         "apply the filter to the innermost IP packet, behind tags and tunnels")
        ("snap-length", po::value<std::string>()->value_name("OCTETS"),
         "capture only so much of each frame (default: 262144)")
        ("ring-size", po::value<std::string>()->value_name("MIB"),
         "memory of the kernel's ring for each interface and worker (default: 64)")
        ("no-promiscuous", "do not ask for frames to other stations")
        ("timestamps", po::value<std::string>()->value_name("ORIGIN"),
         "best (default), host, adapter or adapter_unsynced")
        ("workers", po::value<std::string>()->value_name("COUNT"),
         "threads that inspect, each with its share of the hosts (default: 1)");
    // clang-format on
}

// When it ends, and when a new database is begun.
void add_length_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("duration", po::value<std::string>()->value_name("TIME"), "end after this time")
        ("packets", po::value<std::string>()->value_name("COUNT"), "end after so many packets")
        ("rotate", po::value<Words>()->composing()->value_name("TIME|SIZE"),
         "begin a new database after this time or size, repeatable")
        ("keep", po::value<std::string>()->value_name("COUNT"),
         "rotated databases to keep (default: 8)");
    // clang-format on
}

// What is served to others while it goes on.
void add_server_options(po::options_description& options) {
    options.add_options()
        // clang-format off
        ("metrics", po::value<std::string>()->value_name("ADDRESS"),
         "serve /metrics for Prometheus: 127.0.0.1:9464, [::1]:9464 or unix:/path")
        ("web", po::value<std::string>()->value_name("ADDRESS"),
         "serve the report as a page that follows the call: 127.0.0.1:8080 or [::1]:8080. Any other "
         "address needs a token, and --web-certificate or --web-insecure")
        ("web-certificate", po::value<std::string>()->value_name("FILE"),
         "serve the page by TLS: certificate, and those it rests on (PEM)")
        ("web-key", po::value<std::string>()->value_name("FILE"), "its private key (PEM)")
        ("web-insecure", "serve the page to others without TLS")
        ("web-name", po::value<std::string>()->value_name("NAME"),
         "what browsers call this machine, besides its address")
        ("web-token-file", po::value<std::string>()->value_name("FILE"),
         "the token that browsers must bring; made at the first start and shown then (default, for "
         "addresses that others can reach: OUTPUT.web-token)");
    // clang-format on
}

Verb live_verb() {
    Verb verb{"live", "[options] -i INTERFACE", po::options_description("Options"), what_live_does,
              live_examples};
    add_source_options(verb.options);
    add_length_options(verb.options);
    add_server_options(verb.options);
    verb.options.add_options()
        // clang-format off
        ("user", po::value<std::string>()->value_name("NAME"),
         "user to become where started as root (default: who called sudo, or the owner of the "
         "output's folder)");
    // clang-format on
    add_judging_options(verb.options);
    add_memory_option(verb.options);
    add_result_options(verb.options);
    return verb;
}

base::Duration duration_of(const std::string& word) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    const std::string unit(end, word.data() + word.size());
    static const std::map<std::string, std::int64_t, std::less<>> seconds{
        {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}};
    const auto scale = seconds.find(unit);
    constexpr std::int64_t century = 36'500LL * 86'400;
    if (error != std::errc{} || scale == seconds.end() || count <= 0 ||
        count > century / scale->second) {
        wrong_usage(fmt::format("--duration {}: give a time such as 90s, 15m, 2h or 7d",
                                base::escape(word)));
    }
    return std::chrono::seconds{count * scale->second};
}

capture::TimestampOrigin origin_of(const std::string& word) {
    using Origin = capture::TimestampOrigin;
    static const std::map<std::string, Origin, std::less<>> origins{
        {"best", Origin::best},
        {"host", Origin::host},
        {"adapter", Origin::adapter},
        {"adapter_unsynced", Origin::adapter_unsynced}};
    const auto known = origins.find(word);
    if (known == origins.end()) {
        wrong_usage(fmt::format("--timestamps {}: give best, host, adapter or adapter_unsynced",
                                base::escape(word)));
    }
    return known->second;
}

store::RotationRule rotation_rule(const po::variables_map& map) {
    store::RotationRule rule;
    for (const auto& word : list(map, "rotate")) {
        rule.merge(store::parse_rotation(word));
    }
    return rule;
}

capture::LiveOptions capture_options(const po::variables_map& map) {
    capture::LiveOptions options;
    options.interfaces = list(map, "interface");
    for (const auto& word : list(map, "listen")) {
        options.listeners.push_back(capture::parse_mirror_listener(word));
    }
    if (!map.contains("filter-inside")) {
        options.filter = get<std::string>(map, "filter");
    }
    options.ring_octets = number<std::size_t>(map, "ring-size", 64, 1, most_ring_mib / 2) << 20U;
    options.snap_length =
        number<std::uint32_t>(map, "snap-length", most_snap_length, 64, most_snap_length);
    options.promiscuous = !map.contains("no-promiscuous");
    options.timestamps = origin_of(get<std::string>(map, "timestamps", "best"));
    options.workers = number<unsigned>(map, "workers", 1, 1, most_workers);
    return options;
}

std::optional<WebCommand> web_command(const po::variables_map& map,
                                      const std::filesystem::path& output) {
    if (!map.contains("web")) {
        for (const auto* option :
             {"web-certificate", "web-key", "web-insecure", "web-name", "web-token-file"}) {
            if (map.contains(option)) {
                wrong_usage(fmt::format("--{}: there is no page; give --web as well", option));
            }
        }
        return std::nullopt;
    }
    const auto word = get<std::string>(map, "web");
    WebCommand web{.endpoint = monitor::WebOptions::parse(word),
                   .name = get<std::string>(map, "web-name"),
                   .token_file = get<std::string>(map, "web-token-file"),
                   .certificate = get<std::string>(map, "web-certificate"),
                   .key = get<std::string>(map, "web-key")};
    if (web.certificate.empty() != web.key.empty()) {
        wrong_usage("--web-certificate and --web-key belong together; give both");
    }
    if (web.endpoint.address.is_loopback()) {
        return web;
    }
    if (web.certificate.empty() && !map.contains("web-insecure")) {
        wrong_usage(
            fmt::format("--web {}: others can reach this address; give --web-certificate and "
                        "--web-key, or --web-insecure in a network that you trust",
                        base::escape(word)));
    }
    if (web.token_file.empty()) {
        web.token_file = output.string() + ".web-token";
    }
    return web;
}

void check_live(const LiveCommand& command, const po::variables_map& map) {
    if (map.contains("arguments")) {
        wrong_usage(fmt::format("live {}: write -i before the interface's name",
                                base::escape(list(map, "arguments").front())));
    }
    if (command.list) {
        if (command.judging.format != report::Format::text &&
            command.judging.format != report::Format::json) {
            wrong_usage("--format: live --list takes text or json");
        }
        return;
    }
    if (command.capture.interfaces.empty() && command.capture.listeners.empty()) {
        wrong_usage(
            "live: no interface given; name one with -i, 'turnpike live --list' shows them");
    }
    if (std::ranges::count(command.capture.interfaces, "") > 0) {
        wrong_usage("-i: the name is empty; 'turnpike live --list' shows the interfaces");
    }
    if (map.contains("filter-inside") && !map.contains("filter")) {
        wrong_usage("--filter-inside: there is no --filter to apply");
    }
    if (map.contains("keep") && !map.contains("rotate")) {
        wrong_usage("--keep: nothing is rotated; give --rotate as well");
    }
}

}  // namespace

std::optional<LiveCommand> parse_live(const std::vector<std::string>& arguments) {
    const auto map = parse(live_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    LiveCommand command;
    command.list = map->contains("list");
    command.judging = shared_options(*map);
    command.judging.memory = memory_of(*map);
    command.capture = capture_options(*map);
    if (map->contains("filter-inside")) {
        command.inner_filter = get<std::string>(*map, "filter");
    }
    if (map->contains("duration")) {
        command.duration = duration_of(get<std::string>(*map, "duration"));
    }
    command.packets = number<std::uint64_t>(*map, "packets", 0, 1, most_packets);
    command.rotate = rotation_rule(*map);
    command.keep = number<std::size_t>(*map, "keep", command.keep, 1, 100'000);
    if (map->contains("metrics")) {
        command.metrics = monitor::MetricsAddress::parse(get<std::string>(*map, "metrics"));
    }
    command.web = web_command(*map, command.judging.output);
    if (map->contains("user")) {
        command.user = get<std::string>(*map, "user");
    }
    command.json_lines = command.judging.format == report::Format::json;
    check_live(command, *map);
    return command;
}

}  // namespace turnpike::app
