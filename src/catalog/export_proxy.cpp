// Lists for proxies: domain names as Squid's dstdomain takes them, and URL patterns.
#include <fmt/core.h>

#include <set>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/export_names.h"

namespace turnpike::catalog {
namespace {

// A placeholder that nobody filled in matches as a star does.
std::string starred(std::string_view pattern) {
    std::string text;
    bool inside = false;
    for (const char c : pattern) {
        if (c == '{') {
            text += '*';
        }
        inside = (inside || c == '{') && c != '}';
        if (!inside && c != '}') {
            text += c;
        }
    }
    return text;
}

std::string url_line(const std::string& pattern, unsigned port) {
    const auto name = starred(pattern);
    const auto host = name.starts_with('.') ? "*" + name : name;
    switch (port) {
        case 80:
            return "http://" + host + "/*\n";
        case 443:
            return "https://" + host + "/*\n";
        default:
            return fmt::format("https://{}:{}/*\n", host, port);
    }
}

// Why a proxy's list says nothing of the entry; empty if it does. The head names entries without
// ports.
std::string unlisted(const ExportEntry& entry) {
    if (entry.port->transport == Transport::udp) {
        return "# UDP does not go through a proxy: " + title_of(entry) + '\n';
    }
    if (entry.rule->direction == RuleDirection::inbound) {
        return "# inbound, not for a proxy: " + title_of(entry) + '\n';
    }
    if (entry.rule->destinations.names.empty()) {
        return "# no names: " + title_of(entry) + '\n';
    }
    return {};
}

}  // namespace

ExportedFile export_hosts(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    std::vector<std::string> names;
    for (const auto& entry : what.entries) {
        if (!entry.has_ports()) {
            continue;
        }
        const auto reason = unlisted(entry);
        text += reason;
        for (const auto& name : entry.rule->destinations.names) {
            if (reason.empty()) {
                names.push_back(name.text);
            }
        }
    }
    const auto domains = domains_of(names);
    text +=
        "# For Squid: acl NAME dstdomain \"THIS-FILE\". A leading dot covers the name itself, "
        "too.\n";
    for (const auto& pattern : domains.others) {
        text += fmt::format("# {} cannot be written as a domain; as an expression: {}\n", pattern,
                            name_expression(pattern));
    }
    for (const auto& domain : domains.list) {
        text += domain + '\n';
    }
    return {text, {}};
}

ExportedFile export_proxy_urls(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    std::set<std::string> written;
    const auto add = [&](const std::string& line) {
        text += written.insert(line).second ? line : "";
    };
    for (const auto& entry : what.entries) {
        if (!entry.has_ports()) {
            continue;
        }
        auto reason = unlisted(entry);
        if (reason.empty() && entry.port->first != entry.port->last) {
            reason = "# a range of ports has no URL: " + title_of(entry) + '\n';
        }
        add(reason);
        for (const auto& name : entry.rule->destinations.names) {
            if (!reason.empty()) {
                break;
            }
            add(url_line(name.text, entry.port->first));
            // ".example.com" means the name itself, too.
            if (name.text.starts_with('.')) {
                add(url_line(name.text.substr(1), entry.port->first));
            }
        }
    }
    return {text, {}};
}

}  // namespace turnpike::catalog
