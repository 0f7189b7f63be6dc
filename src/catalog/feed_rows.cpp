// Finds the rows of a feed that a reference means, and takes their destinations.
#include "catalog/feed_rows.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <vector>

#include "catalog/references.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// Whether a row of a feed holds every word of a reference; what is announced for every region
// belongs to each of them, and a setting that is not given stands for any word.
bool holds_words(const Rule& row, const std::vector<std::string_view>& words,
                 const SettingValue& value_of) {
    const auto own = words_of(row.purpose);
    const auto is_one = [&](std::string_view word) {
        return std::ranges::any_of(
            own, [&](std::string_view one) { return base::equals_ignoring_case(one, word); });
    };
    return std::ranges::all_of(words, [&](std::string_view word) {
        const auto names = placeholders_of(word);
        if (names.empty()) {
            return is_one(word);
        }
        const auto value = value_of(names.front());
        return !value || is_one(*value) || is_one("GLOBAL");
    });
}

}  // namespace

void fill_from_feed(Destinations& destinations, const Catalog& catalog,
                    const SettingValue& value_of) {
    const auto reference = feed_of(destinations.reference);
    if (!reference) {
        return;
    }
    const auto feed = std::ranges::find_if(catalog.revisions(), [&](const Revision& revision) {
        return revision.feed && revision.newest && revision.vendor == reference->vendor &&
               revision.product == reference->product;
    });
    if (feed == catalog.revisions().end()) {
        return;
    }
    std::map<base::Prefix, Network> networks;
    for (const auto& row : feed->rules) {
        if (!holds_words(row, reference->words, value_of)) {
            continue;
        }
        for (const auto& network : row.destinations.prefixes) {
            networks.emplace(network, network);
        }
        for (const auto& name : row.destinations.names) {
            if (std::ranges::find(destinations.names, name.text, &NamePattern::text) ==
                destinations.names.end()) {
                destinations.names.push_back(name);
            }
        }
    }
    if (networks.empty()) {
        return;
    }
    for (const auto& own : destinations.prefixes) {
        if (const auto same = networks.find(own); same != networks.end()) {
            same->second = own;
        }
    }
    destinations.prefixes.clear();
    std::ranges::copy(networks | std::views::values, std::back_inserter(destinations.prefixes));
    destinations.fed = true;
}

}  // namespace turnpike::catalog
