// pfSense and OPNsense: aliases and filter rules as their configuration XML has them. An alias
// takes exact names; the firewall resolves them.
#include <fmt/core.h>

#include <string>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

// Two hyphens end a comment's contents (XML 1.0, 2.5).
std::string comment(std::string text) {
    for (auto at = text.find("--"); at != std::string::npos; at = text.find("--", at)) {
        text.replace(at, 2, "- ");
    }
    return "<!-- " + text + " -->\n";
}

std::string comments(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += comment(line);
    }
    return text;
}

std::string alias(const Hole& hole, const std::string& name) {
    std::string addresses;
    std::string details;
    const auto add = [&](const std::string& value, const std::string& remark) {
        addresses += (addresses.empty() ? "" : " ") + value;
        details += (details.empty() ? "" : "||") + (remark.empty() ? "document" : remark);
    };
    for (const auto& place : hole.places) {
        add(base::to_string(place.prefix), place.remark);
    }
    for (const auto& pattern : hole.names) {
        add(pattern, {});
    }
    return fmt::format(
        "<alias><name>{}</name><type>network</type><address>{}</address><descr>{}</descr>"
        "<detail>{}</detail></alias>\n",
        name, xml(addresses), xml(title_of(*hole.entry)), xml(details));
}

std::string rule(const Hole& hole, const std::string& name) {
    const auto place =
        hole.any ? std::string("<any/>") : fmt::format("<address>{}</address>", name);
    const auto ports = fmt::format("<port>{}</port>", port_text(*hole.entry, "-"));
    return fmt::format(
        "<rule><type>pass</type><interface>{}</interface><ipprotocol>inet46</ipprotocol>"
        "<protocol>{}</protocol><source>{}</source><destination>{}{}</destination>"
        "<descr>{}</descr></rule>\n",
        hole.inbound ? "wan" : "lan", transport_text(*hole.entry), hole.inbound ? place : "<any/>",
        hole.inbound ? "<any/>" : place, ports, xml(title_of(*hole.entry)));
}

}  // namespace

std::string export_pfsense(const Export& what) {
    std::string aliases;
    std::string rules;
    unsigned count = 0;
    for (const auto& hole : holes_of(what.entries, exact_names)) {
        // Alias names take letters, digits and underscores only.
        const auto name = fmt::format("turnpike_{}", ++count);
        rules += comments(hole.remarks);
        if (hole.closed) {
            rules += comment("no rule: " + title_of(*hole.entry));
            continue;
        }
        if (!hole.any) {
            aliases += alias(hole, name);
        }
        rules += rule(hole, name);
    }
    return "<?xml version=\"1.0\"?>\n<pfsense>\n" + comments(head_lines(what)) + "<aliases>\n" +
           aliases + "</aliases>\n<filter>\n" + rules + "</filter>\n</pfsense>\n";
}

}  // namespace turnpike::catalog
