// Joins entries into the fewest holes, and replaces names that the firewall cannot match.
#include "catalog/export_holes.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

unsigned full_length(const base::IpAddress& address) noexcept {
    return address.is_v4() ? 32 : 128;
}

std::vector<std::string> names_of(const ExportEntry& entry, NameSupport support, bool supported) {
    std::vector<std::string> names;
    for (const auto& name : entry.rule->destinations.names) {
        if (support(name.text, entry.port->transport) == supported) {
            names.push_back(name.text);
        }
    }
    return names;
}

// Printable, and safe inside a firewall's double quotes.
std::string quotable(std::string_view name) {
    auto text = base::escape(name);
    std::ranges::replace(text, '"', '\'');
    return text;
}

std::string seen_remark(const SeenAddress& seen) {
    if (seen.name.empty()) {
        return "seen in the capture without a name";
    }
    return quotable(seen.name) +
           (seen.claimed ? ", CHECK IT: only the client called the address so, which can be forged"
                         : ", seen in the capture");
}

// Names the network, for it may become part of a larger one.
std::string shared_remark(const Network& network) {
    return network.shared ? fmt::format("{} serves others, too{}", base::to_string(network),
                                        network.note.empty() ? "" : ": " + quotable(network.note))
                          : std::string();
}

// What stands for the names that the firewall cannot match: seen addresses, ANY, or nothing.
void replace_names(Hole& hole, const ExportEntry& entry, const std::vector<std::string>& names) {
    const auto list = base::escape(fmt::format("{}", fmt::join(names, ", ")));
    if (!entry.seen.empty()) {
        for (const auto& seen : entry.seen) {
            hole.places.push_back(
                {{seen.address, full_length(seen.address)}, seen_remark(seen), seen.claimed});
        }
        hole.remarks.push_back(fmt::format(
            "names cannot be matched here: {}; instead, addresses seen in the capture, which may "
            "change",
            list));
    } else if (entry.rule->destinations.any_without_wildcards) {
        hole.any = true;
        hole.remarks.push_back(fmt::format(
            "names cannot be matched here: {}; the document allows any destination instead", list));
    } else {
        hole.remarks.push_back(fmt::format(
            "names cannot be matched here: {}; no address of them {}", list,
            entry.looked_for
                ? "was seen in the capture either: look them up, or filter by name at a proxy"
                : "is known (give a result database: --blocked DB or --seen DB)"));
    }
}

bool is_own_server(std::string_view reference) noexcept {
    return reference.starts_with("customer:") || reference.starts_with("self:");
}

void warn_of_any(Hole& hole, const PortItem& port) {
    if (hole.inbound) {
        hole.closed = true;
        hole.remarks.emplace_back(
            "the document names no source: it would be open to anybody outside; write it yourself "
            "for the host that needs it");
        return;
    }
    hole.remarks.push_back(fmt::format("wide: {} port{} of any destination",
                                       port.last - port.first + 1,
                                       port.first == port.last ? "" : "s"));
}

void place_hole(Hole& hole, const ExportEntry& entry, NameSupport support) {
    const auto& destinations = entry.rule->destinations;
    if (destinations.any) {
        hole.any = true;
        return;
    }
    for (const auto& network : destinations.prefixes) {
        const base::Prefix& prefix = network;
        hole.places.push_back({prefix, shared_remark(network), false});
    }
    hole.names = names_of(entry, support, true);
    if (const auto unmatched = names_of(entry, support, false); !unmatched.empty()) {
        replace_names(hole, entry, unmatched);
    } else if (hole.names.empty() && hole.places.empty()) {
        hole.remarks.push_back(fmt::format("the destination is not known: {}",
                                           destinations.reference.empty()
                                               ? "the document does not state it"
                                               : base::escape(destinations.reference)));
    }
    hole.closed = !hole.any && hole.places.empty() && hole.names.empty();
}

std::string need_of(const ExportEntry& entry) {
    std::string need(to_string(entry.level()));
    if (!entry.condition().empty()) {
        need += ": " + entry.condition();
    }
    return need;
}

HoleTitle titled(const ExportEntry& entry) {
    return {base::escape(fmt::format(
                "{} {}: {}, {}", entry.revision->selector(), entry.rule->id, entry.rule->purpose,
                entry.port == nullptr ? "no transport" : to_string(entry.port->transport))),
            entry.has_ports() ? entry.port->text : "port unstated", base::escape(need_of(entry))};
}

std::string text_of(const HoleTitle& title) {
    return fmt::format("{} {}, {}", title.row, title.ports, title.need);
}

Hole hole_of(const ExportEntry& entry, bool inbound, NameSupport support) {
    Hole hole;
    hole.inbound = inbound;
    hole.to_own_server = inbound && is_own_server(entry.rule->destinations.reference);
    hole.transport = entry.port->transport;
    hole.ports = {{entry.port->first, entry.port->last}};
    hole.titles = {titled(entry)};
    hole.titles.front().need += inbound ? ", inbound" : "";
    hole.label = fmt::format("{}-{}-{}{}", entry.revision->vendor, entry.revision->product,
                             entry.rule->id, inbound ? "-in" : "");
    place_hole(hole, entry, support);
    if (hole.any) {
        warn_of_any(hole, *entry.port);
    }
    return hole;
}

}  // namespace

bool no_names(std::string_view /*pattern*/, Transport /*transport*/) noexcept {
    return false;
}

bool exact_names(std::string_view pattern, Transport /*transport*/) noexcept {
    return pattern.find_first_of("*{") == std::string_view::npos && !pattern.starts_with('.');
}

bool any_name(std::string_view /*pattern*/, Transport /*transport*/) noexcept {
    return true;
}

std::vector<Hole> holes_of(const std::vector<ExportEntry>& entries, NameSupport support) {
    std::vector<Hole> holes;
    for (const auto& entry : entries) {
        if (!entry.has_ports()) {
            continue;  // head_lines() names it
        }
        if (entry.rule->direction != RuleDirection::inbound) {
            holes.push_back(hole_of(entry, false, support));
        }
        if (entry.rule->direction != RuleDirection::outbound) {
            holes.push_back(hole_of(entry, true, support));
        }
    }
    return merged(std::move(holes));
}

std::vector<HolePlace> places_of_version(const Hole& hole, unsigned version) {
    std::vector<HolePlace> places;
    std::ranges::copy_if(hole.places, std::back_inserter(places), [&](const HolePlace& place) {
        return place.prefix.address.version() == version;
    });
    return places;
}

std::string title_of(const ExportEntry& entry) {
    return text_of(titled(entry));
}

std::string titles_text(const Hole& hole) {
    std::string text;
    for (const auto& title : hole.titles) {
        text += (text.empty() ? "" : "; ") + text_of(title);
    }
    return text;
}

std::vector<std::string> lines_of(const Hole& hole) {
    std::vector<std::string> lines;
    std::ranges::transform(hole.titles, std::back_inserter(lines), text_of);
    lines.insert(lines.end(), hole.remarks.begin(), hole.remarks.end());
    if (hole.closed) {
        lines.emplace_back("nothing is opened for it");
    }
    return lines;
}

std::string object_name(const Hole& hole, std::size_t number, std::size_t longest) {
    auto name = fmt::format("turnpike-{}-{}", number, hole.label);
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
    return shortened(name, longest);
}

std::string port_text(PortRange ports, std::string_view between) {
    return ports.first == ports.last ? fmt::format("{}", ports.first)
                                     : fmt::format("{}{}{}", ports.first, between, ports.last);
}

std::string port_list(const std::vector<PortRange>& ports, std::string_view between,
                      std::string_view separator) {
    std::string text;
    for (const auto& range : ports) {
        text += (text.empty() ? "" : std::string(separator)) + port_text(range, between);
    }
    return text;
}

std::vector<std::string> head_lines(const Export& what) {
    std::vector<std::string> lines{
        "Written by turnpike from vendors' firewall documents. Read it before you load it."};
    for (const auto& remark : what.remarks) {
        lines.push_back(base::escape(remark));
    }
    for (const auto& entry : what.entries) {
        if (!entry.has_ports()) {
            lines.push_back(
                fmt::format("{}: the document states no ports, so no rule; it leads to {}",
                            title_of(entry), base::escape(entry.rule->destinations.text())));
        }
    }
    return lines;
}

std::string marked(const std::vector<std::string>& lines, std::string_view mark) {
    std::string text;
    for (const auto& line : lines) {
        text += fmt::format("{}{}\n", mark, line);
    }
    return text;
}

std::string cidr(const base::Prefix& prefix) {
    return fmt::format("{}/{}", base::to_string(prefix.address), prefix.length);
}

std::string shortened(std::string_view text, std::size_t longest) {
    return std::string(text.substr(0, longest));
}

}  // namespace turnpike::catalog
