// Builds the tables of names, prefixes and ports, and looks things up in them.
#include "turnpike/catalog/index.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace turnpike::catalog {
namespace {

// The labels behind the last star, placeholder or leading dot: "a*.b.{x}.c.d" and ".c.d" give
// "c.d".
std::string_view ending_of(std::string_view pattern) noexcept {
    const auto last = pattern.find_last_of("*}");
    if (last == std::string_view::npos) {
        return pattern.substr(pattern.starts_with('.') ? 1 : 0);
    }
    const auto dot = pattern.find('.', last);
    return dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
}

base::IpAddress network_of(const base::IpAddress& address, unsigned length) noexcept {
    std::array<std::uint8_t, 16> octets{};
    const auto from = address.octets();
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto kept = length > i * 8 ? std::min<std::size_t>(length - i * 8, 8) : 0;
        octets.at(i) = static_cast<std::uint8_t>(from[i] & (0xff00U >> kept));
    }
    return base::IpAddress::from_octets(base::Bytes{octets}.first(from.size()));
}

// The first 16 bits (Networks::beginning_bits).
std::size_t beginning_of(const base::IpAddress& address) noexcept {
    const auto octets = address.octets();
    return std::size_t{octets[0]} << 8U | octets[1];
}

// Inbound traffic whose source the document does not name may come from everywhere.
bool comes_from_anywhere(const Rule& rule) noexcept {
    return rule.direction == RuleDirection::inbound && rule.destinations.unknown() &&
           rule.destinations.reference == "unstated";
}

template <typename Match>
std::vector<Match> collected(auto&& append) {
    std::vector<Match> matches;
    append(matches);
    return matches;
}

/// It says nothing of its destinations, and nothing else by which its flows can be told.
bool is_known_by_port_alone(const Rule& rule) noexcept {
    return rule.destinations.unknown() && rule.destinations.reference.empty() &&
           rule.expects.empty();
}

}  // namespace

Index::Index(std::span<const Revision* const> revisions,
             std::span<const NamePattern> public_ech_names)
    : revisions_(revisions.begin(), revisions.end()), public_ech_names_(public_ech_names) {
    for (const auto* revision : revisions_) {
        for (const auto& rule : revision->rules) {
            const RuleReference reference{revision, &rule};
            for (const auto& pattern : rule.destinations.names) {
                add_name({reference, &pattern});
            }
            for (const auto& prefix : rule.destinations.prefixes) {
                add_prefix({reference, &prefix, prefix.shared});
            }
            if (rule.destinations.any || comes_from_anywhere(rule)) {
                add_ports(reference, any_tcp_, any_udp_);
            } else if (is_known_by_port_alone(rule)) {
                add_ports(reference, unplaced_tcp_, unplaced_udp_);
            }
        }
    }
    for (auto* table : {&any_tcp_, &any_udp_, &unplaced_tcp_, &unplaced_udp_}) {
        table->build();
    }
    for (auto* networks : {&v4_, &v6_}) {
        std::ranges::sort(networks->tables, std::greater{}, &PrefixTable::length);
    }
}

bool Index::is_public_ech_name(std::string_view name) const noexcept {
    return std::ranges::any_of(
        public_ech_names_, [name](const NamePattern& pattern) { return pattern.matches(name); });
}

void Index::add_name(const NameMatch& entry) {
    const auto position = static_cast<std::uint32_t>(names_.size());
    names_.push_back(entry);
    names_.back().specificity = entry.pattern->specificity();
    endings_[std::string(ending_of(entry.pattern->text))].push_back(position);
}

void Index::add_prefix(const AddressMatch& entry) {
    auto& [tables, beginnings] = entry.prefix->address.is_v4() ? v4_ : v6_;
    const std::size_t first = beginning_of(entry.prefix->address);
    constexpr unsigned bits = Networks::beginning_bits;
    const std::size_t count = std::size_t{1} << (bits - std::min(entry.prefix->length, bits));
    std::fill_n(beginnings.begin() + static_cast<std::ptrdiff_t>(first), count, true);
    auto table = std::ranges::find(tables, entry.prefix->length, &PrefixTable::length);
    if (table == tables.end()) {
        table = tables.insert(tables.end(), PrefixTable{entry.prefix->length, {}});
    }
    table->networks[entry.prefix->address].push_back(entry);
}

void Index::add_ports(const RuleReference& reference, PortTable& tcp, PortTable& udp) {
    for (const auto& port : reference.rule->ports) {
        // An item without a port says nothing about any port.
        if (port.stated) {
            auto& table = port.transport == Transport::tcp ? tcp : udp;
            table.items.push_back({reference, &port});
        }
    }
}

void Index::append_names(std::string_view ending, std::string_view name,
                         std::vector<std::uint32_t>& found) const {
    const auto bucket = endings_.find(ending);
    if (bucket != endings_.end()) {
        std::ranges::copy_if(bucket->second, std::back_inserter(found), [&](auto position) {
            return names_[position].pattern->matches(name);
        });
    }
}

void Index::match_name(std::string_view name, std::vector<NameMatch>& matches) const {
    if (name.empty()) {
        return;
    }
    std::vector<std::uint32_t> found;
    append_names({}, name, found);
    for (auto rest = name; !rest.empty();) {
        append_names(rest, name, found);
        const auto dot = rest.find('.');
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    std::ranges::sort(found, [this](auto a, auto b) {
        const auto left = names_[a].specificity;
        const auto right = names_[b].specificity;
        return left != right ? left > right : a < b;
    });
    std::ranges::transform(found, std::back_inserter(matches),
                           [this](auto position) { return names_[position]; });
}

std::vector<NameMatch> Index::match_name(std::string_view name) const {
    return collected<NameMatch>([&](auto& matches) { match_name(name, matches); });
}

bool Index::may_match(const base::IpAddress& address) const noexcept {
    const auto place = address.behind_nat64();
    const auto& beginnings = (place.is_v4() ? v4_ : v6_).beginnings;
    return place && beginnings[beginning_of(place)];
}

void Index::match_address(const base::IpAddress& address,
                          std::vector<AddressMatch>& matches) const {
    if (!may_match(address)) {
        return;
    }
    const auto place = address.behind_nat64();
    const auto& tables = (place.is_v4() ? v4_ : v6_).tables;
    for (const auto& table : tables) {
        const auto network = table.networks.find(network_of(place, table.length));
        if (network != table.networks.end()) {
            std::ranges::copy(network->second, std::back_inserter(matches));
        }
    }
}

std::vector<AddressMatch> Index::match_address(const base::IpAddress& address) const {
    return collected<AddressMatch>([&](auto& matches) { match_address(address, matches); });
}

void Index::match_any(Transport transport, std::uint16_t port,
                      std::vector<PortMatch>& matches) const {
    (transport == Transport::tcp ? any_tcp_ : any_udp_).find(port, matches);
}

std::vector<PortMatch> Index::match_any(Transport transport, std::uint16_t port) const {
    return collected<PortMatch>([&](auto& matches) { match_any(transport, port, matches); });
}

void Index::match_unplaced(Transport transport, std::uint16_t port,
                           std::vector<PortMatch>& matches) const {
    (transport == Transport::tcp ? unplaced_tcp_ : unplaced_udp_).find(port, matches);
}

std::vector<PortMatch> Index::match_unplaced(Transport transport, std::uint16_t port) const {
    return collected<PortMatch>([&](auto& matches) { match_unplaced(transport, port, matches); });
}

// The sorted items are read as a balanced tree (the middle is the root), each node knowing the
// furthest port below it, so that whole halves are passed over.
void Index::PortTable::build() {
    order.resize(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = static_cast<std::uint32_t>(i);
    }
    std::ranges::stable_sort(order, {}, [this](auto i) { return items[i].port->first; });
    furthest.resize(items.size());
    measure(0, items.size());
}

std::uint16_t Index::PortTable::measure(std::size_t from, std::size_t to) {
    if (from >= to) {
        return 0;
    }
    const auto middle = from + (to - from) / 2;
    furthest[middle] =
        std::max({items[order[middle]].port->last, measure(from, middle), measure(middle + 1, to)});
    return furthest[middle];
}

void Index::PortTable::find(std::uint16_t port, std::vector<PortMatch>& matches) const {
    std::vector<std::uint32_t> found;
    find(0, items.size(), port, found);
    std::ranges::sort(found);
    std::ranges::transform(found, std::back_inserter(matches), [this](auto i) { return items[i]; });
}

void Index::PortTable::find(std::size_t from, std::size_t to, std::uint16_t port,
                            std::vector<std::uint32_t>& found) const {
    if (from >= to) {
        return;
    }
    const auto middle = from + (to - from) / 2;
    if (furthest[middle] < port) {
        return;
    }
    find(from, middle, port, found);
    const auto& item = *items[order[middle]].port;
    if (item.covers(port)) {
        found.push_back(order[middle]);
    }
    if (item.first <= port) {
        find(middle + 1, to, port, found);
    }
}

const PortItem* covering_port(const Rule& rule, Transport transport, std::uint16_t port) noexcept {
    const PortItem* best = nullptr;
    for (const auto& item : rule.ports) {
        const bool covers = item.transport == transport && item.covers(port);
        if (covers && (best == nullptr || item.last - item.first < best->last - best->first)) {
            best = &item;
        }
    }
    return best;
}

}  // namespace turnpike::catalog
