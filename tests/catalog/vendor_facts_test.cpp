// Every revision of the catalog against the facts gathered from the vendors' pages, where those
// are at hand (../shared beside the source tree).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "catalog/built_in.h"
#include "catalog/vendor_facts_selectors.h"
#include "catalog/yaml_document.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

/// One port item to one destination: "outbound tcp 443 *.example.com".
using Cell = std::string;
/// The levels at which a document lists a cell.
using Cells = std::map<Cell, std::set<std::string>>;

const YamlNode* find(const YamlNode& map, std::string_view key) {
    const auto entry = std::ranges::find_if(
        map.entries, [key](const auto& candidate) { return candidate.first->text == key; });
    return entry == map.entries.end() ? nullptr : entry->second;
}

std::string text(const YamlNode& map, std::string_view key) {
    const auto* node = find(map, key);
    return node == nullptr || node->kind != YamlNode::Kind::scalar ? "" : node->text;
}

std::vector<std::string> texts(const YamlNode& map, std::string_view key) {
    std::vector<std::string> result;
    if (const auto* node = find(map, key)) {
        std::ranges::transform(node->items, std::back_inserter(result), &YamlNode::text);
    }
    return result;
}

// The two spellings of the same thing: a port list of everything, a direction, an address.
std::string port_word(const std::string& port) {
    return port == "0-65535" ? "1-65535" : port;
}
std::string direction_word(const std::string& direction) {
    return direction == "bidirectional" ? "both" : direction;
}
std::string network_word(const std::string& network) {
    const auto prefix = base::Prefix::parse(network);
    return prefix ? base::to_string(*prefix) : network;
}

std::vector<std::string> or_one_empty(std::vector<std::string> list) {
    if (list.empty()) {
        list.emplace_back();
    }
    return list;
}

void add_facts_rule(const YamlNode& rule, Cells& cells) {
    std::vector<std::string> destinations;
    for (const auto& name : texts(rule, "domains")) {
        destinations.push_back(base::to_lower(name));
    }
    for (const auto& network : texts(rule, "cidrs")) {
        destinations.push_back(network_word(network));
    }
    if (text(rule, "any_destination") == "true") {
        destinations.emplace_back("ANY");
    }
    if (find(rule, "destination_ref") != nullptr) {
        destinations.emplace_back("a reference");
    }
    const auto transports = text(rule, "transport");
    for (const auto* transport : {"tcp", "udp"}) {
        if (transports.find(transport) == std::string::npos) {
            continue;
        }
        for (const auto& port : or_one_empty(texts(rule, "ports"))) {
            for (const auto& destination : destinations) {
                // A rule without ports has no transport of its own in the catalog.
                const auto carrier =
                    port.empty() ? std::string{} : transport + (" " + port_word(port));
                cells[direction_word(text(rule, "direction")) + ' ' + carrier + ' ' + destination]
                    .insert(text(rule, "requirement"));
            }
        }
    }
}

void add_catalog_rule(const Rule& rule, Cells& cells) {
    std::vector<std::string> destinations;
    for (const auto& name : rule.destinations.names) {
        destinations.push_back(name.text);
    }
    for (const auto& prefix : rule.destinations.prefixes) {
        destinations.push_back(base::to_string(prefix));
    }
    if (rule.destinations.any) {
        destinations.emplace_back("ANY");
    }
    if (!rule.destinations.reference.empty()) {
        destinations.emplace_back("a reference");
    }
    const std::string direction(to_string(rule.direction));
    for (const auto& destination : destinations) {
        if (rule.ports.empty()) {
            cells[direction + "  " + destination].emplace(to_string(rule.level));
        }
        for (const auto& port : rule.ports) {
            // As in the facts, a row without port numbers has no transport.
            const auto carrier = port.stated
                                     ? std::string(to_string(port.transport)) + ' ' + port.text
                                     : std::string{};
            cells[direction + ' ' + carrier + ' ' + destination].emplace(
                to_string(port.level.value_or(rule.level)));
        }
    }
}

Cells cells_of(const std::vector<const Revision*>& revisions) {
    Cells cells;
    for (const auto* revision : revisions) {
        for (const auto& rule : revision->rules) {
            add_catalog_rule(rule, cells);
        }
    }
    return cells;
}

class VendorFacts : public testing::Test {
  protected:
    void SetUp() override {
        const auto file =
            std::filesystem::path(TURNPIKE_SOURCE_DIR) / "../shared/vendor-facts/vendors.json";
        if (!std::filesystem::exists(file)) {
            GTEST_SKIP() << "no vendor facts here";
        }
        std::ifstream stream(file);
        const std::string json{std::istreambuf_iterator<char>(stream), {}};
        // JSON is YAML, so the strict reader serves here too.
        Mistakes mistakes(file);
        document_ = std::make_unique<YamlDocument>(json, mistakes);
        ASSERT_TRUE(mistakes.empty());
        ASSERT_NE(document_->root(), nullptr);
    }

    const YamlNode& object(const FactsSelector& wanted) {
        for (const auto* candidate : document_->root()->items) {
            if (text(*candidate, "vendor") == wanted.vendor &&
                text(*candidate, "product") == wanted.product &&
                text(*candidate, "platform") == wanted.platform &&
                text(*candidate, "revision") == wanted.revision) {
                return *candidate;
            }
        }
        ADD_FAILURE() << "no facts for " << wanted.selector;
        return *document_->root();
    }

    Cells facts_cells(const FactsSelector& wanted) {
        Cells cells;
        if (const auto* rules = find(object(wanted), "rules")) {
            for (const auto* rule : rules->items) {
                add_facts_rule(*rule, cells);
            }
        }
        return cells;
    }

    std::unique_ptr<YamlDocument> document_;
};

// Where the catalog deliberately says something else than the facts, and why.
bool is_deliberate(std::string_view selector, const Cell& cell) {
    // The deployer chooses the recorder's ports; the document recommends this range.
    if (selector == "agora/recording@2018-11-06") {
        return cell.find("40000") != Cell::npos || cell.starts_with("inbound");
    }
    // Whole copies of these two pages show names that the gathered facts lack
    // (docs/catalog-comparison.md).
    static const std::set<std::string_view> from_copies{"*.accompany.com",
                                                        "*.akamai.net",
                                                        "*.akamaiedge.net",
                                                        "*.akamaitechnologies.com",
                                                        "*.ciscosparkcontent.com",
                                                        "*.clouddrive.com",
                                                        "*.cloudfront.net",
                                                        "*.fastly.net",
                                                        "*.rackcdn.com",
                                                        "*.sparkpostmail.com",
                                                        "*.sparkpostmail1.com",
                                                        "ajax.aspnetcdn.com",
                                                        "appsforoffice.microsoft.com",
                                                        "cdn.jsdelivr.net",
                                                        "cdnjs.cloudflare.com",
                                                        "static2.sharepointonline.com",
                                                        "feedback.googleusercontent.com",
                                                        "play.google.com",
                                                        "www.google.com"};
    if (selector == "cisco/webex@2026-03-16" || selector == "google/meet@2026-09-28") {
        return from_copies.contains(std::string_view(cell).substr(cell.rfind(' ') + 1));
    }
    // The list that the row quotes is a feed, too.
    return selector == "telegram/calls@2026" && cell.ends_with("a reference");
}

TEST_F(VendorFacts, EveryObjectIsKnown) {
    std::set<std::string> known;
    for (const auto& entry : facts_selectors) {
        known.insert(std::string(entry.vendor) + '|' + std::string(entry.product) + '|' +
                     std::string(entry.platform) + '|' + std::string(entry.revision));
    }
    for (const auto* entry : document_->root()->items) {
        const auto key = text(*entry, "vendor") + '|' + text(*entry, "product") + '|' +
                         text(*entry, "platform") + '|' + text(*entry, "revision");
        EXPECT_TRUE(known.contains(key)) << key;
    }
}

TEST_F(VendorFacts, EveryVendorsOwnDocumentIsInTheCatalog) {
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty()) {
            const auto* source = find(object(entry), "source");
            EXPECT_EQ(text(*source, "kind"), "secondary") << entry.vendor << ' ' << entry.product;
            EXPECT_FALSE(entry.why.empty());
        } else {
            EXPECT_EQ(built_in().select(entry.selector).size(), 1U) << entry.selector;
        }
    }
}

TEST_F(VendorFacts, NothingOfTheFactsIsMissing) {
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty()) {
            continue;
        }
        const auto mine = cells_of(built_in().with_includes(built_in().select(entry.selector)));
        for (const auto& [cell, levels] : facts_cells(entry)) {
            EXPECT_TRUE(mine.contains(cell) || is_deliberate(entry.selector, cell))
                << entry.selector << ": " << cell;
        }
    }
}

TEST_F(VendorFacts, NothingIsInvented) {
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty()) {
            continue;
        }
        const auto facts = facts_cells(entry);
        for (const auto& [cell, levels] : cells_of(built_in().select(entry.selector))) {
            EXPECT_TRUE(facts.contains(cell) || is_deliberate(entry.selector, cell))
                << entry.selector << ": " << cell;
        }
    }
}

// Zoom's document names no fallback: the order of its rows is the catalog's conclusion.
TEST_F(VendorFacts, AlternativesOfNoDocumentSaySo) {
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty()) {
            continue;
        }
        Cells alternatives;
        if (const auto* rules = find(object(entry), "rules")) {
            for (const auto* rule : rules->items) {
                if (!text(*rule, "alternative_group").empty()) {
                    add_facts_rule(*rule, alternatives);
                }
            }
        }
        for (const auto& rule : built_in().select(entry.selector).front()->rules) {
            if (rule.alternative_group.empty() ||
                std::ranges::count(rule.inferred, "alternative") > 0) {
                continue;
            }
            Cells mine;
            add_catalog_rule(rule, mine);
            EXPECT_TRUE(std::ranges::any_of(
                mine, [&](const auto& cell) { return alternatives.contains(cell.first); }))
                << entry.selector << ' ' << rule.id;
        }
    }
}

TEST_F(VendorFacts, LevelsAgree) {
    // The Chime document of 2019-09-06 marks what is "soon in use" and "being retired": a state of
    // life here, a condition in the facts. 8x8's subnet has a first day instead of a condition.
    // Sendbird's heading makes its media row conditional: "when using Direct Call".
    const std::set<std::string_view> other_levels{"amazon/chime@2019-09-06",
                                                  "8x8/x-series-meetings@2022-12-14",
                                                  "sendbird/calls@draft", "sendbird/calls@undated"};
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty() || other_levels.contains(entry.selector)) {
            continue;
        }
        const auto mine = cells_of(built_in().select(entry.selector));
        for (const auto& [cell, levels] : facts_cells(entry)) {
            const auto found = mine.find(cell);
            if (found != mine.end() && !is_deliberate(entry.selector, cell)) {
                EXPECT_TRUE(std::ranges::any_of(
                    levels, [&found](const auto& level) { return found->second.contains(level); }))
                    << entry.selector << ": " << cell << ": " << *levels.begin() << " there, "
                    << *found->second.begin() << " here";
            }
        }
    }
}

TEST_F(VendorFacts, DatesAndKindsAgree) {
    for (const auto& entry : facts_selectors) {
        if (entry.selector.empty()) {
            continue;
        }
        const auto* revision = built_in().select(entry.selector).front();
        const auto* source = find(object(entry), "source");
        EXPECT_EQ(revision->source_kind, text(*source, "kind")) << entry.selector;
        const auto date = base::parse_date(text(*source, "date"));
        if (revision->date && date) {
            EXPECT_LE(*revision->date, *date) << entry.selector;
        }
    }
}

// Remo resells two vendors; what it refers to must hold every port of its own list, and no other.
TEST_F(VendorFacts, RemoIsWhatItsTwoVendorsAskFor) {
    const auto port_of = [](const Cell& cell) { return cell.substr(0, cell.rfind(' ')); };
    std::set<std::string> theirs;
    std::set<std::string> referred;
    for (const auto& entry : facts_selectors) {
        if (entry.vendor == "Remo") {
            for (const auto& [cell, levels] : facts_cells(entry)) {
                theirs.insert(port_of(cell));
            }
        }
    }
    auto revisions = built_in().with_includes(built_in().select("remo/conference"));
    std::erase_if(revisions, [](const auto* revision) { return revision->vendor == "remo"; });
    for (const auto& [cell, levels] : cells_of(revisions)) {
        referred.insert(port_of(cell));
    }
    EXPECT_FALSE(theirs.empty());
    EXPECT_TRUE(std::ranges::includes(referred, theirs));
}

TEST(CatalogSize, AtLeastThirtyVendorsAndNinetyRevisions) {
    std::set<std::string> vendors;
    std::size_t from_vendors = 0;
    for (const auto& revision : built_in().revisions()) {
        if (revision.source_kind == "vendor") {
            vendors.insert(revision.vendor);
            ++from_vendors;
        }
    }
    EXPECT_GE(vendors.size(), 30U);
    EXPECT_GE(from_vendors, 90U);
}

}  // namespace
}  // namespace turnpike::catalog
