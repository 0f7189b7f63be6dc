// nftables: a chain that the administrator's own chain jumps to. A base chain of its own would not
// do: what it accepts, a later chain's policy may still drop.
#include <fmt/core.h>

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

std::string rule(const Hole& hole, std::string_view places, std::string_view mark) {
    return fmt::format("        {}{}{} dport {} accept\n", mark, places,
                       transport_text(*hole.entry), port_text(*hole.entry, "-"));
}

std::string rules(const Hole& hole) {
    if (hole.closed) {
        return rule(hole, "", "# ");
    }
    if (hole.any) {
        return rule(hole, "", "");
    }
    std::string text;
    for (const unsigned version : {4U, 6U}) {
        if (const auto places = places_of_version(hole, version); !places.empty()) {
            text += rule(hole,
                         fmt::format("{} {} {} ", version == 4 ? "ip" : "ip6",
                                     hole.inbound ? "saddr" : "daddr", set_of(places)),
                         "");
        }
    }
    return text;
}

}  // namespace

std::string export_nftables(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    text +=
        "# nft -f THIS-FILE, then let the chain that drops call it first, for example:\n"
        "#   nft insert rule inet filter forward jump turnpike\n"
        "add table inet filter\n"
        "add chain inet filter turnpike\n"
        "flush chain inet filter turnpike\n"
        "table inet filter {\n"
        "    chain turnpike {\n"
        "        ct state established,related accept\n";
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += "        # " + title_of(*hole.entry) + (hole.inbound ? ", inbound\n" : "\n");
        text += marked(hole.remarks, "        # ");
        text += rules(hole);
    }
    return text + "    }\n}\n";
}

}  // namespace turnpike::catalog
