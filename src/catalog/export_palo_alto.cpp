// Palo Alto PAN-OS: set commands. Address objects hold exact names; a pattern is a custom URL
// category, which PAN-OS matches in TLS and HTTP over TCP only.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// PAN-OS object names end here.
constexpr std::size_t longest_name = 63;

// A star stands for whole labels in a URL category.
bool url_pattern(std::string_view pattern, Transport transport) noexcept {
    const bool whole_label = pattern.starts_with("*.") || pattern.starts_with('.');
    return transport == Transport::tcp && whole_label &&
           exact_names(pattern.substr(pattern.find('.') + 1), transport);
}

bool supported(std::string_view pattern, Transport transport) noexcept {
    return exact_names(pattern, transport) || url_pattern(pattern, transport);
}

// Address objects of the hole; their names go to `members`.
std::string addresses(const Hole& hole, const std::string& name,
                      std::vector<std::string>& members) {
    std::string text;
    const auto add = [&](std::string_view kind, const std::string& value,
                         const std::string& remark) {
        members.push_back(
            fmt::format("{}-{}", name.substr(0, longest_name - 5), members.size() + 1));
        text += fmt::format("set address {} {} {}\n", members.back(), kind, value);
        if (!remark.empty()) {
            text += fmt::format("set address {} description \"{}\"\n", members.back(), remark);
        }
    };
    for (const auto& place : hole.places) {
        add("ip-netmask", base::to_string(place.prefix), place.remark);
    }
    for (const auto& pattern : hole.names) {
        if (exact_names(pattern, hole.entry->transport)) {
            add("fqdn", pattern, {});
        }
    }
    return text;
}

std::vector<std::string> categories(const Hole& hole) {
    std::vector<std::string> patterns;
    for (const auto& pattern : hole.names) {
        if (url_pattern(pattern, hole.entry->transport)) {
            const auto rest = pattern.substr(pattern.find('.') + 1);
            patterns.push_back("*." + rest + "/");
            if (pattern.starts_with('.')) {
                patterns.push_back(rest + "/");
            }
        }
    }
    return patterns;
}

std::string security_rule(const std::string& name, std::string_view suffix, bool inbound,
                          std::string_view places, std::string_view category) {
    return fmt::format(
        "set rulebase security rules {0}{1} from any to any source {2} destination {3} "
        "application any service {0} category {4} action allow\n",
        name, suffix, inbound ? places : "any", inbound ? "any" : places, category);
}

std::string commands(const Hole& hole) {
    // Room for the suffix of the URL rule.
    const auto name = object_name(hole, longest_name - 4);
    const auto transport = transport_text(*hole.entry);
    if (hole.closed) {
        return "# " + security_rule(name, "", hole.inbound, "any", "any");
    }
    auto text = fmt::format("set service {} protocol {} port {}\n", name, transport,
                            port_text(*hole.entry, "-"));
    if (hole.any) {
        return text + security_rule(name, "", hole.inbound, "any", "any");
    }
    std::vector<std::string> members;
    text += addresses(hole, name, members);
    if (!members.empty()) {
        text += security_rule(name, "", hole.inbound,
                              fmt::format("[ {} ]", fmt::join(members, " ")), "any");
    }
    if (const auto patterns = categories(hole); !patterns.empty()) {
        text += fmt::format("set profiles custom-url-category {} type \"URL List\" list [ {} ]\n",
                            name, fmt::join(patterns, " "));
        text += security_rule(name, "-url", hole.inbound, "any", name);
    }
    return text;
}

}  // namespace

std::string export_palo_alto(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    for (const auto& hole : holes_of(what.entries, supported)) {
        text += "# " + title_of(*hole.entry) + "\n" + marked(hole.remarks, "# ") + commands(hole);
    }
    return text;
}

}  // namespace turnpike::catalog
