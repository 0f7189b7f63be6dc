// iptables and ip6tables: chains for iptables-restore --noflush, which empties no other chain.
#include <fmt/core.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// The multiport match takes 15 ports; a range counts as two (iptables-extensions).
constexpr std::size_t most_ports = 15;

// "--dport 443", or the ports in as many matches as they need.
std::vector<std::string> port_matches(const Hole& hole) {
    if (hole.ports.size() == 1) {
        return {fmt::format("-m {} --dport {}", to_string(hole.transport),
                            port_text(hole.ports[0], ":"))};
    }
    std::vector<std::string> matches;
    std::size_t room = 0;
    for (const auto& range : hole.ports) {
        const std::size_t size = range.first == range.last ? 1 : 2;
        if (size > room) {
            matches.emplace_back("-m multiport --dports ");
            room = most_ports;
        } else {
            matches.back() += ',';
        }
        matches.back() += port_text(range, ":");
        room -= size;
    }
    return matches;
}

std::string rules_at(const Hole& hole, std::string_view place) {
    std::string text;
    for (const auto& match : port_matches(hole)) {
        text += fmt::format("-A TURNPIKE-{} {}-p {} {} -m conntrack --ctstate NEW -j ACCEPT\n",
                            hole.inbound ? "IN" : "OUT", place, to_string(hole.transport), match);
    }
    return text;
}

std::string rules(const Hole& hole, unsigned version) {
    if (hole.closed) {
        return {};
    }
    if (hole.any) {
        return rules_at(hole, "");
    }
    std::string text;
    for (const auto& place : places_of_version(hole, version)) {
        text += place.remark.empty() ? "" : "# " + place.remark + "\n";
        text += rules_at(hole, fmt::format("{} {} ", hole.places_are_sources() ? "-s" : "-d",
                                           base::to_string(place.prefix)));
    }
    return text.empty() ? fmt::format("# no IPv{} address is known for it\n", version) : text;
}

// The inside as matches: by interface, or by the networks of that version.
std::vector<std::string> inside(const Sides& sides, unsigned version, bool as_source) {
    std::vector<std::string> matches;
    for (const auto& name : sides.inside) {
        matches.push_back(fmt::format("{} {}", as_source ? "-i" : "-o", name));
    }
    for (const auto& network : sides.networks_of(version)) {
        matches.push_back(fmt::format("{} {}", as_source ? "-s" : "-d", base::to_string(network)));
    }
    return matches;
}

}  // namespace

ExportedFile export_iptables(const Export& what, const Sides& sides, unsigned version) {
    const std::string_view program = version == 4 ? "iptables" : "ip6tables";
    auto text = marked(head_lines(what), "# ");
    text += fmt::format(
        "# {0}-restore --noflush THIS-FILE, then let the chain that drops call it first, for\n"
        "# example: {0} -I FORWARD -j TURNPIKE\n"
        "# Answers pass by their connection's state; nothing else is admitted from outside.\n"
        "*filter\n"
        ":TURNPIKE - [0:0]\n"
        ":TURNPIKE-OUT - [0:0]\n"
        ":TURNPIKE-IN - [0:0]\n"
        "-A TURNPIKE -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n",
        program);
    if (inside(sides, version, true).empty()) {
        text += fmt::format("# --inside names no IPv{} network, so nothing calls the rules below\n",
                            version);
    }
    for (const auto& outside : sides.outside) {
        for (const auto& match : inside(sides, version, true)) {
            text += fmt::format("-A TURNPIKE {} -o {} -j TURNPIKE-OUT\n", match, outside);
        }
        for (const auto& match : inside(sides, version, false)) {
            text += fmt::format("-A TURNPIKE -i {} {} -j TURNPIKE-IN\n", outside, match);
        }
    }
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += marked(lines_of(hole), "# ") + rules(hole, version);
    }
    return {text + "COMMIT\n", {}};
}

}  // namespace turnpike::catalog
