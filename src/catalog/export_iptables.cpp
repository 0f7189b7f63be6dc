// iptables and ip6tables: a chain for iptables-restore --noflush, which empties no other chain.
#include <fmt/core.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string rule(const Hole& hole, std::string_view place) {
    const auto transport = transport_text(*hole.entry);
    return fmt::format("-A TURNPIKE {}-p {} -m {} --dport {} -j ACCEPT\n", place, transport,
                       transport, port_text(*hole.entry, ":"));
}

std::string rules(const Hole& hole, unsigned version) {
    if (hole.closed) {
        return "# " + rule(hole, "");
    }
    if (hole.any) {
        return rule(hole, "");
    }
    std::string text;
    for (const auto& place : places_of_version(hole, version)) {
        text += place.remark.empty() ? "" : "# " + place.remark + "\n";
        text += rule(
            hole, fmt::format("{} {} ", hole.inbound ? "-s" : "-d", base::to_string(place.prefix)));
    }
    return text.empty() ? fmt::format("# no IPv{} address is known for it\n", version) : text;
}

}  // namespace

std::string export_iptables(const Export& what, unsigned version) {
    const std::string_view program = version == 4 ? "iptables" : "ip6tables";
    auto text = marked(head_lines(what), "# ");
    text += fmt::format(
        "# {0}-restore --noflush THIS-FILE, then let the chain that drops call it first, for\n"
        "# example: {0} -I FORWARD -j TURNPIKE\n"
        "*filter\n"
        ":TURNPIKE - [0:0]\n"
        "-A TURNPIKE -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n",
        program);
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += "# " + title_of(*hole.entry) + (hole.inbound ? ", inbound\n" : "\n");
        text += marked(hole.remarks, "# ");
        text += rules(hole, version);
    }
    return text + "COMMIT\n";
}

}  // namespace turnpike::catalog
