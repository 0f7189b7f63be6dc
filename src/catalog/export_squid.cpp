// Squid: access lists and the lines that allow them, for clients on the inside. A proxy carries TCP
// only, and makes the outer connection itself, so that nothing comes in.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/export_names.h"

namespace turnpike::catalog {
namespace {

/// The access lists of one hole and the lines that allow them.
std::string rules(const Hole& hole, std::size_t number) {
    const auto base = fmt::format("turnpike_{}", number);
    auto text = fmt::format("acl {}_ports port {}\n", base, port_list(hole.ports, "-", " "));
    std::string allowed;
    const auto allow = [&](const std::string& list) {
        allowed += fmt::format("http_access allow turnpike_inside {}_ports{}\n", base, list);
    };
    const auto add = [&](std::string_view kind, std::string_view type, const auto& values) {
        if (values.empty()) {
            return;
        }
        const auto list = fmt::format("{}_{}", base, kind);
        for (const auto& value : values) {
            text += fmt::format("acl {} {} {}\n", list, type, value);
        }
        allow(' ' + list);
    };
    const auto domains = domains_of(hole.names);
    std::vector<std::string> expressions;
    for (const auto& pattern : domains.others) {
        expressions.push_back(name_expression(pattern));
    }
    std::vector<std::string> networks;
    for (const auto& place : hole.places) {
        networks.push_back(base::to_string(place.prefix));
    }
    add("names", "dstdomain", domains.list);
    add("expressions", "dstdom_regex -i", expressions);
    add("networks", "dst", networks);
    if (hole.any) {
        allow("");
    }
    return text + allowed;
}

}  // namespace

ExportedFile export_squid(const Export& what, const Sides& sides) {
    std::vector<ExportEntry> entries;
    std::ranges::copy_if(what.entries, std::back_inserter(entries), [](const ExportEntry& entry) {
        return entry.has_ports() && entry.port->transport == Transport::tcp &&
               entry.rule->direction != RuleDirection::inbound;
    });
    auto text = marked(head_lines(what), "# ");
    for (const auto& entry : what.entries) {
        if (entry.has_ports() && (entry.port->transport == Transport::udp ||
                                  entry.rule->direction != RuleDirection::outbound)) {
            text += "# not through a proxy: " + title_of(entry) + '\n';
        }
    }
    text +=
        "# Include it before the lines that deny. Ports other than 443 also have to be in your "
        "SSL_ports.\n";
    for (const auto& network : sides.inside_networks) {
        text += fmt::format("acl turnpike_inside src {}\n", base::to_string(network));
    }
    std::size_t number = 0;
    for (const auto& hole : holes_of(entries, any_name)) {
        if (hole.inbound) {
            continue;
        }
        text += marked(lines_of(hole), "# ");
        text += hole.closed ? "" : rules(hole, ++number);
    }
    return {text, {}};
}

}  // namespace turnpike::catalog
