// Lists for proxies: domain names as Squid's dstdomain takes them, and URL patterns.
#include <fmt/core.h>

#include <set>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

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

// ".example.com" covers the name and all below; nothing else can be wild there.
std::string domain_line(const std::string& pattern) {
    const auto rest = pattern.starts_with("*.") ? pattern.substr(1) : pattern;
    if (exact_names(rest.starts_with('.') ? rest.substr(1) : rest, Transport::tcp)) {
        return rest + '\n';
    }
    const auto star = rest.find_last_of("*}");
    const auto dot = rest.find('.', star);
    return fmt::format(
        "# {} cannot be written as a domain{}\n", pattern,
        dot == std::string::npos ? "" : "; all of it lies below " + rest.substr(dot));
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

// A proxy list says nothing of the entry: it is UDP, has no names, or is many ports.
std::string unlisted(const ExportEntry& entry) {
    if (entry.transport == Transport::udp) {
        return "# UDP does not go through a proxy: " + title_of(entry) + '\n';
    }
    if (entry.names.empty()) {
        return "# no names: " + title_of(entry) + '\n';
    }
    return {};
}

}  // namespace

std::string export_hosts(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    std::set<std::string> written;
    for (const auto& entry : what.entries) {
        text += unlisted(entry);
        for (const auto& name : entry.names) {
            if (entry.transport == Transport::tcp && written.insert(name).second) {
                text += domain_line(name);
            }
        }
    }
    return text;
}

std::string export_proxy_urls(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    std::set<std::string> written;
    for (const auto& entry : what.entries) {
        auto reason = unlisted(entry);
        if (reason.empty() && entry.first != entry.last) {
            reason = "# a range of ports has no URL: " + title_of(entry) + '\n';
        }
        text += reason;
        for (const auto& name : entry.names) {
            if (reason.empty()) {
                auto line = url_line(name, entry.first);
                if (written.insert(line).second) {
                    text += line;
                }
                // ".example.com" means the name itself, too.
                if (name.starts_with('.')) {
                    line = url_line(name.substr(1), entry.first);
                    text += written.insert(line).second ? line : "";
                }
            }
        }
    }
    return text;
}

}  // namespace turnpike::catalog
