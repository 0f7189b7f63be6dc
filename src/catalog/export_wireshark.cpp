// A Wireshark display filter that shows what the entries allow. Names can be seen in the first
// packets of a connection only (TLS server names), so a name's addresses are asked for, too.
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// A pattern as the regular expression of a whole name; the filter's string doubles backslashes.
std::string expression(std::string_view pattern) {
    std::string text;
    if (pattern.starts_with('.')) {
        text = "(.+\\\\.)?";
        pattern.remove_prefix(1);
    } else if (pattern.starts_with("*.")) {
        text = ".+\\\\.";
        pattern.remove_prefix(2);
    }
    bool inside = false;
    for (const char c : pattern) {
        if (c == '{' || (c == '*' && !inside)) {
            text += text.empty() ? ".*" : "[^.]*";
            inside = c == '{';
        } else if (c == '}') {
            inside = false;
        } else if (!inside) {
            text += c == '.' ? std::string("\\\\.") : std::string(1, c);
        }
    }
    return text;
}

std::string places_filter(const ExportEntry& entry) {
    std::vector<std::string> parts;
    const auto add = [&](const base::Prefix& prefix) {
        parts.push_back(fmt::format("{} == {}", prefix.address.is_v4() ? "ip.addr" : "ipv6.addr",
                                    base::to_string(prefix)));
    };
    for (const auto& prefix : entry.prefixes) {
        add(prefix);
    }
    for (const auto& seen : entry.seen) {
        add({seen.address, seen.address.is_v4() ? 32U : 128U});
    }
    for (const auto& name : entry.names) {
        parts.push_back(
            fmt::format("tls.handshake.extensions_server_name matches \"^{}$\"", expression(name)));
    }
    return entry.any || parts.empty() ? "" : fmt::format(" && ({})", fmt::join(parts, " || "));
}

}  // namespace

std::string export_wireshark(const Export& what) {
    std::string text;
    for (const auto& entry : what.entries) {
        const auto port = fmt::format("{}.port", transport_text(entry));
        const auto ports = entry.first == entry.last
                               ? fmt::format("{} == {}", port, entry.first)
                               : fmt::format("{} in {{{}..{}}}", port, entry.first, entry.last);
        text += fmt::format("{}({}{})", text.empty() ? "" : " || ", ports, places_filter(entry));
    }
    return text + '\n';
}

}  // namespace turnpike::catalog
