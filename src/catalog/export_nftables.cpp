// nftables: chains that the administrator's own chain jumps to. A base chain of its own would not
// do: what it accepts, a later chain's policy may still drop.
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string set_of(const std::vector<HolePlace>& places) {
    std::string elements;
    for (const auto& place : places) {
        elements += "            " + base::to_string(place.prefix) + ",";
        elements += place.remark.empty() ? "\n" : "  # " + place.remark + "\n";
    }
    return "{\n" + elements + "        }";
}

std::string rule(const Hole& hole, std::string_view places) {
    const bool one = hole.ports.size() == 1;
    return fmt::format("        {}{} dport {}{}{} ct state new accept\n", places,
                       to_string(hole.transport), one ? "" : "{ ", port_list(hole.ports, "-", ", "),
                       one ? "" : " }");
}

std::string nftables_rules(const Hole& hole) {
    if (hole.closed) {
        return {};
    }
    if (hole.any) {
        return rule(hole, "");
    }
    std::string text;
    for (const unsigned version : {4U, 6U}) {
        if (const auto places = places_of_version(hole, version); !places.empty()) {
            text += rule(
                hole, fmt::format("{} {} {} ", version == 4 ? "ip" : "ip6",
                                  hole.places_are_sources() ? "saddr" : "daddr", set_of(places)));
        }
    }
    return text;
}

std::string chain(const std::vector<Hole>& holes, bool inbound) {
    std::string text;
    for (const auto& hole : holes) {
        if (hole.inbound == inbound) {
            text += marked(lines_of(hole), "        # ") + nftables_rules(hole);
        }
    }
    return fmt::format("    chain turnpike-{} {{\n{}    }}\n", inbound ? "in" : "out", text);
}

std::string interfaces(const std::vector<std::string>& names) {
    return fmt::format("{{ \"{}\" }}", fmt::join(names, "\", \""));
}

// The inside as the packets' source or destination; one expression an IP version where it is named
// by networks.
std::vector<std::string> nftables_inside(const Sides& sides, bool as_source) {
    if (!sides.inside.empty()) {
        return {fmt::format("{} {}", as_source ? "iifname" : "oifname", interfaces(sides.inside))};
    }
    std::vector<std::string> expressions;
    for (const unsigned version : {4U, 6U}) {
        std::vector<std::string> networks;
        for (const auto& network : sides.networks_of(version)) {
            networks.push_back(base::to_string(network));
        }
        if (!networks.empty()) {
            expressions.push_back(fmt::format("{} {} {{ {} }}", version == 4 ? "ip" : "ip6",
                                              as_source ? "saddr" : "daddr",
                                              fmt::join(networks, ", ")));
        }
    }
    return expressions;
}

}  // namespace

ExportedFile export_nftables(const Export& what, const Sides& sides) {
    const auto holes = holes_of(what.entries, no_names);
    auto text = marked(head_lines(what), "# ");
    text +=
        "# nft -f THIS-FILE, then let the chain that drops call it first, for example:\n"
        "#   nft insert rule inet filter forward jump turnpike\n"
        "# Answers pass by their connection's state; nothing else is admitted from outside.\n"
        "add table inet filter\n";
    for (const auto* name : {"turnpike-out", "turnpike-in", "turnpike"}) {
        text += fmt::format("add chain inet filter {0}\nflush chain inet filter {0}\n", name);
    }
    text += "table inet filter {\n" + chain(holes, false) + chain(holes, true) +
            "    chain turnpike {\n"
            "        ct state established,related accept\n";
    for (const auto& expression : nftables_inside(sides, true)) {
        text += fmt::format("        {} oifname {} jump turnpike-out\n", expression,
                            interfaces(sides.outside));
    }
    for (const auto& expression : nftables_inside(sides, false)) {
        text += fmt::format("        iifname {} {} jump turnpike-in\n", interfaces(sides.outside),
                            expression);
    }
    return {text + "    }\n}\n", {}};
}

}  // namespace turnpike::catalog
