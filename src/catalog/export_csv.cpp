// CSV (RFC 4180): one line an entry.
#include <fmt/core.h>
#include <fmt/format.h>

#include <array>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/render_text.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {

std::string export_csv(const Export& what) {
    auto text = csv_line(std::array<std::string_view, 11>{
        "selector", "rule_id", "purpose", "need", "direction", "transport", "ports", "names",
        "networks", "any", "addresses_seen"});
    for (const auto& entry : what.entries) {
        std::vector<std::string> networks;
        for (const auto& prefix : entry.prefixes) {
            networks.push_back(base::to_string(prefix));
        }
        std::vector<std::string> seen;
        for (const auto& address : entry.seen) {
            seen.push_back(base::to_string(address.address) +
                           (address.name.empty() ? "" : "=" + base::escape(address.name)));
        }
        text += csv_line(std::array<std::string, 11>{
            entry.selector, entry.rule_id, entry.purpose, entry.need,
            std::string(to_string(entry.direction)), std::string(transport_text(entry)),
            port_text(entry, "-"), fmt::format("{}", fmt::join(entry.names, " ")),
            fmt::format("{}", fmt::join(networks, " ")),
            entry.any ? "any" : (entry.any_without_wildcards ? "any-without-wildcards" : ""),
            fmt::format("{}", fmt::join(seen, " "))});
    }
    return text;
}

}  // namespace turnpike::catalog
