// Finds the rule that already opens all that another rule asks for.
#include "catalog/check_shadows.h"

#include <algorithm>

#include "catalog/coverage.h"

namespace turnpike::catalog {
namespace {

bool same_or_stronger(const Rule& a, const Rule& b) noexcept {
    return a.level == b.level || a.level == Level::required;
}

bool covers_ports(const Rule& wide, const Rule& narrow) {
    return !narrow.ports.empty() &&
           std::ranges::all_of(narrow.ports, [&wide](const PortItem& inner) {
               return std::ranges::any_of(wide.ports, [&inner](const PortItem& outer) {
                   return outer.condition.empty() && covers(outer, inner);
               });
           });
}

bool covers_destinations(const Destinations& wide, const Destinations& narrow) {
    if (!narrow.reference.empty() || narrow.unknown()) {
        return false;
    }
    if (wide.any) {
        return true;
    }
    const auto name_covered = [&wide](const NamePattern& inner) {
        return std::ranges::any_of(
            wide.names, [&inner](const NamePattern& outer) { return covers(outer, inner); });
    };
    const auto prefix_covered = [&wide](const base::Prefix& inner) {
        return std::ranges::any_of(
            wide.prefixes, [&inner](const base::Prefix& outer) { return covers(outer, inner); });
    };
    return !narrow.any && std::ranges::all_of(narrow.names, name_covered) &&
           std::ranges::all_of(narrow.prefixes, prefix_covered);
}

bool is_shadowed(const Rule& narrow, const Rule& wide) {
    const bool equal_standing =
        narrow.direction == wide.direction && narrow.alternative_group == wide.alternative_group &&
        narrow.alternative_branch == wide.alternative_branch && wide.condition.empty() &&
        same_or_stronger(wide, narrow) && wide.lifecycle == narrow.lifecycle;
    const bool mutual =
        covers_ports(narrow, wide) && covers_destinations(narrow.destinations, wide.destinations);
    return &narrow != &wide && equal_standing && covers_ports(wide, narrow) &&
           covers_destinations(wide.destinations, narrow.destinations) &&
           (!mutual || &wide < &narrow);
}

}  // namespace

const Rule* shadow_of(const Revision& revision, const Rule& rule) {
    // Quadratic in a revision's rules; documents have few.
    const auto wide = std::ranges::find_if(
        revision.rules, [&rule](const Rule& other) { return is_shadowed(rule, other); });
    return wide == revision.rules.end() ? nullptr : &*wide;
}

}  // namespace turnpike::catalog
