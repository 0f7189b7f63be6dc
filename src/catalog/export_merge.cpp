// The fewest holes that open the same: equal destinations share their ports, equal ports their
// destinations, neighboring networks and ports become one, and what lies in another hole goes.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "catalog/export_holes.h"
#include "catalog/export_names.h"

namespace turnpike::catalog {
namespace {

// Sorted, with ranges that overlap or touch made one.
void join_ports(std::vector<PortRange>& ports) {
    std::ranges::sort(ports);
    std::vector<PortRange> joined;
    for (const auto& range : ports) {
        if (!joined.empty() && range.first <= joined.back().last + 1) {
            joined.back().last = std::max(joined.back().last, range.last);
        } else {
            joined.push_back(range);
        }
    }
    ports = std::move(joined);
}

bool within(const base::Prefix& inner, const base::Prefix& outer) noexcept {
    return outer.length <= inner.length && outer.contains(inner.address);
}

// The block that holds `prefix` and its neighbor of the same length.
base::Prefix parent(const base::Prefix& prefix) {
    std::array<std::uint8_t, 16> octets{};
    const auto mine = prefix.address.octets();
    std::ranges::copy(mine, octets.begin());
    const auto bit = prefix.length - 1;
    octets.at(bit / 8) &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    return {base::IpAddress::from_octets({octets.data(), mine.size()}), bit};
}

bool are_halves(const base::Prefix& left, const base::Prefix& right) {
    return left.length != 0 && left.length == right.length && left.address != right.address &&
           left.address.version() == right.address.version() && parent(left) == parent(right);
}

void add_remark(std::string& remark, const std::string& more) {
    if (!more.empty() && remark.find(more) == std::string::npos) {
        remark += (remark.empty() ? "" : "; ") + more;
    }
}

void append_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const auto& item : more) {
        if (std::ranges::find(list, item) == list.end()) {
            list.push_back(item);
        }
    }
}

// The ports of one row stand in one title.
void append_titles(std::vector<HoleTitle>& titles, const std::vector<HoleTitle>& more) {
    for (const auto& title : more) {
        const auto known = std::ranges::find_if(titles, [&](const HoleTitle& other) {
            return other.row == title.row && other.need == title.need;
        });
        if (known == titles.end()) {
            titles.push_back(title);
        } else if (known->ports != title.ports) {
            known->ports += ", " + title.ports;
        }
    }
}

void join_names(std::vector<std::string>& names) {
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    const auto all = names;
    std::erase_if(names, [&all](const std::string& name) {
        return std::ranges::any_of(all, [&](const auto& wide) { return name_covers(wide, name); });
    });
}

void tidy(Hole& hole) {
    join_ports(hole.ports);
    join_places(hole.places);
    join_names(hole.names);
    if (hole.any) {
        hole.places.clear();
        hole.names.clear();
    }
}

void absorb(Hole& hole, Hole&& other) {
    hole.ports.insert(hole.ports.end(), other.ports.begin(), other.ports.end());
    hole.places.insert(hole.places.end(), std::make_move_iterator(other.places.begin()),
                       std::make_move_iterator(other.places.end()));
    hole.names.insert(hole.names.end(), other.names.begin(), other.names.end());
    append_titles(hole.titles, other.titles);
    append_new(hole.remarks, other.remarks);
    tidy(hole);
}

std::string kind_of(const Hole& hole) {
    return fmt::format("{}{}{} ", hole.inbound ? 'i' : 'o', hole.to_own_server ? 's' : '-',
                       hole.any ? " any" : "");
}

std::string place_key(const Hole& hole) {
    auto key = kind_of(hole);
    for (const auto& place : hole.places) {
        key += ' ' + cidr(place.prefix);
    }
    for (const auto& name : hole.names) {
        key += ' ' + name;
    }
    return key;
}

std::string destination_key(const Hole& hole) {
    return place_key(hole) + ' ' + std::string(to_string(hole.transport));
}

// Holes to anywhere stay apart: theirs would swallow the others' destinations.
std::string port_key(const Hole& hole) {
    return fmt::format("{}{} {}", kind_of(hole), to_string(hole.transport),
                       port_list(hole.ports, "-", " "));
}

// Nothing is opened for them, so that only their rows and reasons have to be read.
std::string closed_key(const Hole& hole) {
    return fmt::format("{}{} {} {}", kind_of(hole), hole.titles.front().row,
                       hole.titles.front().need, fmt::join(hole.remarks, " "));
}

template <typename Key>
void join_equal(std::vector<Hole>& holes, Key key) {
    std::map<std::string, std::size_t> known;
    std::vector<Hole> joined;
    for (auto& hole : holes) {
        const auto [at, is_new] = known.try_emplace(key(hole), joined.size());
        if (is_new) {
            joined.push_back(std::move(hole));
        } else {
            absorb(joined[at->second], std::move(hole));
        }
    }
    holes = std::move(joined);
}

bool ports_within(const Hole& inner, const Hole& outer) {
    return std::ranges::all_of(inner.ports, [&](const PortRange& range) {
        return std::ranges::any_of(outer.ports, [&](const PortRange& wide) {
            return wide.first <= range.first && range.last <= wide.last;
        });
    });
}

bool destinations_within(const Hole& inner, const Hole& outer) {
    if (outer.any || inner.any) {
        return outer.any;
    }
    return std::ranges::all_of(inner.places,
                               [&](const HolePlace& place) {
                                   return std::ranges::any_of(outer.places, [&](const auto& wide) {
                                       return within(place.prefix, wide.prefix);
                                   });
                               }) &&
           std::ranges::all_of(inner.names, [&](const std::string& name) {
               return std::ranges::any_of(outer.names, [&](const auto& wide) {
                   return wide == name || name_covers(wide, name);
               });
           });
}

bool covered(const Hole& inner, const Hole& outer) {
    return inner.inbound == outer.inbound && inner.to_own_server == outer.to_own_server &&
           inner.transport == outer.transport && ports_within(inner, outer) &&
           destinations_within(inner, outer);
}

void drop_covered(std::vector<Hole>& holes) {
    for (std::size_t i = 0; i < holes.size(); ++i) {
        for (std::size_t j = 0; j < holes.size(); ++j) {
            if (i != j && covered(holes[i], holes[j])) {
                append_titles(holes[j].titles, holes[i].titles);
                holes.erase(holes.begin() + static_cast<std::ptrdiff_t>(i));
                --i;
                break;
            }
        }
    }
}

// What the document itself says needs no remark.
void join_equal_places(HolePlace& known, const HolePlace& other) {
    if (known.remark.empty() || other.remark.empty()) {
        known.remark.clear();
    } else {
        add_remark(known.remark, other.remark);
    }
    known.claimed = known.claimed && other.claimed;
}

}  // namespace

// Halves become their whole, again and again. A block of the document's own needs no remark from an
// address that was seen in it.
void join_places(std::vector<HolePlace>& places) {
    std::ranges::sort(places, {}, [](const HolePlace& place) {
        return std::pair(place.prefix.address, place.prefix.length);
    });
    std::vector<HolePlace> joined;
    for (auto& place : places) {
        if (!joined.empty() && within(place.prefix, joined.back().prefix)) {
            if (place.prefix == joined.back().prefix) {
                join_equal_places(joined.back(), place);
            }
            continue;
        }
        joined.push_back(std::move(place));
        while (joined.size() > 1 && joined[joined.size() - 2].claimed == joined.back().claimed &&
               are_halves(joined[joined.size() - 2].prefix, joined.back().prefix)) {
            auto& left = joined[joined.size() - 2];
            left.prefix = parent(left.prefix);
            add_remark(left.remark, joined.back().remark);
            joined.pop_back();
        }
    }
    places = std::move(joined);
}

std::vector<Hole> merged(std::vector<Hole> holes) {
    std::ranges::for_each(holes, tidy);
    const auto closed =
        std::ranges::stable_partition(holes, [](const Hole& hole) { return !hole.closed; });
    std::vector<Hole> rest(std::make_move_iterator(closed.begin()),
                           std::make_move_iterator(closed.end()));
    holes.erase(closed.begin(), closed.end());
    std::size_t before = 0;
    do {
        before = holes.size();
        join_equal(holes, destination_key);
        join_equal(holes, port_key);
        drop_covered(holes);
    } while (holes.size() < before);
    join_equal(rest, closed_key);
    holes.insert(holes.end(), std::make_move_iterator(rest.begin()),
                 std::make_move_iterator(rest.end()));
    return holes;
}

std::vector<std::vector<Hole>> grouped_by_destination(std::vector<Hole> holes) {
    std::map<std::string, std::size_t> known;
    std::vector<std::vector<Hole>> groups;
    for (auto& hole : holes) {
        const auto key = hole.closed ? fmt::format("closed {}", groups.size()) : place_key(hole);
        const auto [at, is_new] = known.try_emplace(key, groups.size());
        if (is_new) {
            groups.emplace_back();
        }
        groups[at->second].push_back(std::move(hole));
    }
    return groups;
}

}  // namespace turnpike::catalog
