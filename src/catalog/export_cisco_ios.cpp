// Cisco IOS: extended access lists, one a direction and IP version. IPv4 blocks are written with
// wildcard masks, IPv6 blocks with their length.
#include <fmt/core.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// IOS refuses longer remarks.
constexpr std::size_t longest_remark = 100;

std::string place_text(const base::Prefix& prefix) {
    if (prefix.address.is_v6()) {
        return base::to_string(prefix);
    }
    if (prefix.length == 32) {
        return "host " + base::to_string(prefix.address);
    }
    const auto wildcard = prefix.length == 0 ? 0xFFFFFFFFU : (1U << (32U - prefix.length)) - 1U;
    return base::to_string(prefix.address) + ' ' + base::to_string(base::IpAddress::v4(wildcard));
}

std::string permit(const Hole& hole, std::string_view place) {
    const auto& entry = *hole.entry;
    const auto ports = entry.first == entry.last
                           ? fmt::format("eq {}", entry.first)
                           : fmt::format("range {} {}", entry.first, entry.last);
    return fmt::format("permit {} {} {} {}\n", transport_text(entry), hole.inbound ? place : "any",
                       hole.inbound ? "any" : place, ports);
}

std::string remark(std::string_view text) {
    return fmt::format(" remark {}\n", text.substr(0, longest_remark));
}

std::string rules(const Hole& hole, unsigned version) {
    if (hole.closed) {
        return "! " + permit(hole, "any");
    }
    if (hole.any) {
        return ' ' + permit(hole, "any");
    }
    std::string text;
    for (const auto& place : places_of_version(hole, version)) {
        text += place.remark.empty() ? "" : remark(place.remark);
        text += ' ' + permit(hole, place_text(place.prefix));
    }
    return text;
}

std::string access_list(const std::vector<Hole>& holes, unsigned version, bool inbound) {
    std::string text;
    for (const auto& hole : holes) {
        if (hole.inbound != inbound) {
            continue;
        }
        const auto permits = rules(hole, version);
        if (!permits.empty()) {
            text += remark(title_of(*hole.entry)) + marked(hole.remarks, "! ") + permits;
        }
    }
    if (text.empty()) {
        return {};
    }
    return fmt::format("{}TURNPIKE{}{}\n{}",
                       version == 4 ? "ip access-list extended " : "ipv6 access-list ",
                       inbound ? "-IN" : "-OUT", version == 4 ? "" : "6", text);
}

}  // namespace

std::string export_cisco_ios(const Export& what) {
    const auto holes = holes_of(what.entries, no_names);
    auto text = marked(head_lines(what), "! ");
    for (const bool inbound : {false, true}) {
        for (const unsigned version : {4U, 6U}) {
            text += access_list(holes, version, inbound);
        }
    }
    return text;
}

}  // namespace turnpike::catalog
