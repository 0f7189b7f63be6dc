// Collects from a run which addresses were seen for which name, so that exports can say them.
#include "app/export_sightings.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

std::string text_of(const store::Cell& cell) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
        return std::string(*text);
    }
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*number);
    }
    return {};
}

// The wanted columns of every row of a view.
template <typename Row>
void each(store::Reader& reader, std::string_view view, std::int64_t run,
          const std::vector<std::string>& wanted, const Row& row) {
    const auto columns = reader.columns(view);
    std::vector<std::size_t> places;
    places.reserve(wanted.size());
    for (const auto& name : wanted) {
        places.push_back(
            static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
    }
    reader.each_row(view, run, [&](std::span<const store::Cell> cells) {
        std::vector<std::string> values;
        values.reserve(places.size());
        for (const auto place : places) {
            values.push_back(place < cells.size() ? text_of(cells[place]) : std::string());
        }
        row(values);
    });
}

}  // namespace

Sightings::Sightings(store::Reader& reader, std::int64_t run) {
    each(reader, "dns_queries", run, {"qname", "answers"}, [this](const auto& row) {
        std::size_t begin = 0;
        const std::string& answers = row[1];
        while (begin < answers.size()) {
            const auto end = std::min(answers.find_first_of(", ", begin), answers.size());
            add_name(row[0], answers.substr(begin, end - begin), false);
            begin = end + 1;
        }
    });
    each(reader, "flows", run,
         {"server_ip", "server_name", "vendor", "product", "revision", "rule_id", "transport",
          "server_name_source"},
         [this](const auto& row) {
             // The address of a CONNECT is the proxy's, not the name's.
             if (row[7] != "connect") {
                 add_name(row[1], row[0], row[7] != "dns");
             }
             if (row[1].empty() && !row[5].empty()) {
                 nameless_.emplace(
                     fmt::format("{}/{}@{} {} {}", row[2], row[3], row[4], row[5], row[6]), row[0]);
             }
         });
}

void Sightings::add_name(const std::string& name, const std::string& address, bool claimed) {
    const auto parsed = base::IpAddress::parse(address);
    if (!name.empty() && parsed && !parsed->is_unspecified() && !parsed->is_loopback()) {
        auto lower = base::to_lower(name);
        if (lower.ends_with('.')) {
            lower.pop_back();
        }
        named_.insert({*parsed, std::move(lower), claimed});
    }
}

std::vector<catalog::SeenAddress> Sightings::of(const catalog::ExportEntry& entry) const {
    const auto& patterns = entry.rule->destinations.names;
    if (patterns.empty() || entry.port == nullptr) {
        return {};
    }
    std::set<catalog::SeenAddress> found;
    for (const auto& seen : named_) {
        const bool fits =
            std::ranges::any_of(patterns, [&](const auto& p) { return p.matches(seen.name); });
        if (fits && !(seen.claimed && named_.contains({seen.address, seen.name, false}))) {
            found.insert(seen);
        }
    }
    add_nameless(entry, found);
    return {found.begin(), found.end()};
}

void Sightings::add_nameless(const catalog::ExportEntry& entry,
                             std::set<catalog::SeenAddress>& found) const {
    const auto key = fmt::format("{} {} {}", entry.revision->selector(), entry.rule->id,
                                 catalog::to_string(entry.port->transport));
    const auto [first, last] = nameless_.equal_range(key);
    for (auto at = first; at != last; ++at) {
        const auto address = base::IpAddress::parse(at->second);
        const bool named =
            std::ranges::any_of(found, [&](const auto& seen) { return seen.address == address; });
        if (address && !named) {
            found.insert({*address, {}, false});
        }
    }
}

}  // namespace turnpike::app
