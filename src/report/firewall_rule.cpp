// Makes the catalog's row anew from its texts, and exports it for nftables.
#include "report/firewall_rule.h"

#include <charconv>
#include <set>
#include <utility>

#include "turnpike/catalog/export.h"

namespace turnpike::report {
namespace {

// The inverse of catalog::Destinations::text().
catalog::Destinations destinations_of(std::string_view text) {
    catalog::Destinations result;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(", ", at), text.size());
        const auto item = text.substr(at, end - at);
        at = end + 2;
        if (item == "ANY") {
            result.any = true;
        } else if (const auto prefix = base::Prefix::parse(item)) {
            result.prefixes.emplace_back(*prefix);
        } else if (item.find(':') != std::string_view::npos || item == "unstated") {
            result.reference = item;
        } else {
            result.names.push_back({std::string(item), {}, false});
        }
    }
    return result;
}

std::uint16_t number(std::string_view text) noexcept {
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// "443", "5866-6000" or "unstated".
catalog::PortItem port_of(const store::RequirementName& name) {
    catalog::PortItem item;
    item.transport = name.transport == "udp" ? catalog::Transport::udp : catalog::Transport::tcp;
    item.text = name.ports;
    item.stated = name.ports != "unstated";
    const std::string_view ports = name.ports;
    const auto dash = ports.find('-');
    item.first = item.stated ? number(ports.substr(0, dash)) : 0;
    item.last = !item.stated                     ? UINT16_MAX
                : dash == std::string_view::npos ? item.first
                                                 : number(ports.substr(dash + 1));
    return item;
}

catalog::RuleDirection direction_of(std::string_view word) noexcept {
    if (word == "inbound") {
        return catalog::RuleDirection::inbound;
    }
    return word == "both" ? catalog::RuleDirection::both : catalog::RuleDirection::outbound;
}

std::vector<catalog::SeenAddress> seen_addresses(const RequirementSummary& requirement) {
    std::set<catalog::SeenAddress> seen;
    for (const auto& flow : requirement.flows) {
        if (const auto address = base::IpAddress::parse(flow.server_ip)) {
            seen.insert({*address, flow.server_name, false});
        }
    }
    return {seen.begin(), seen.end()};
}

}  // namespace

std::string firewall_rule(const RequirementSummary& requirement) {
    const auto& row = requirement.row;
    catalog::Rule rule;
    rule.id = row.name.rule_id;
    rule.purpose = row.purpose;
    rule.direction = direction_of(row.direction);
    rule.ports = {port_of(row.name)};
    rule.destinations = destinations_of(row.destination);
    catalog::Revision revision;
    revision.vendor = row.name.product.vendor;
    revision.product = row.name.product.product;
    revision.revision = row.name.product.revision;
    catalog::Export needed;
    needed.entries.push_back({&revision, &rule, rule.ports.data(), {}});
    if (!rule.destinations.names.empty()) {
        needed.entries[0].seen = seen_addresses(requirement);
    }
    needed.remarks.emplace_back("Put the firewall's interfaces in place of lan0 and wan0.");
    return render_export(needed, catalog::Firewall::nftables,
                         {.inside = {"lan0"}, .outside = {"wan0"}})
        .text;
}

}  // namespace turnpike::report
