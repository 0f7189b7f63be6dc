// `--inside` and `--outside` as each firewall wants them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/catalog/export.h"

namespace turnpike::catalog {

/// The sides, checked: nothing in them can break out of a line of the firewall's language.
struct Sides {
    /// Interfaces, zones or a security group; never together with networks.
    std::vector<std::string> inside;
    std::vector<base::Prefix> inside_networks;
    std::vector<std::string> outside;
    unsigned part = 1;
    /// The networks of one IP version.
    [[nodiscard]] std::vector<base::Prefix> networks_of(unsigned version) const;
};

/// Throws base::Error (usage) if a side is missing that the firewall needs, is given though it has
/// no use for it, or is no word of its language.
Sides check_sides(Firewall firewall, const ExportSides& given);

/// The word of parse_firewall().
std::string_view to_word(Firewall firewall) noexcept;

}  // namespace turnpike::catalog
