// Brings ports and places together that stand apart in a section or in a document.
#include "catalog/import_sections.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "catalog/import_readers.h"
#include "catalog/import_rules.h"
#include "catalog/import_ties.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// A footnote says something of every row that has its mark.
void add_footnotes(Section& section) {
    for (auto& row : section.rows) {
        for (const auto& mark : row.footnotes) {
            if (const auto note = section.footnotes.find(mark); note != section.footnotes.end()) {
                row.notes += (row.notes.empty() ? "" : "; ") + note->second;
            }
        }
    }
}

bool lacks_places(const Draft& row) {
    return row.places.empty() && !row.ports.empty() && !row.notes.contains("destination: ");
}

// "Ports used: ..." above or below a table of places: each leads to all of them.
void cross(Section& section) {
    std::vector<Draft> ports;
    std::vector<Draft> places;
    std::vector<Draft> rows;
    for (auto& row : section.rows) {
        auto& into = lacks_places(row) ? ports : (row.ports.empty() ? places : rows);
        into.push_back(std::move(row));
    }
    section.rows = std::move(rows);
    if (ports.empty() || places.empty() || ports.size() * places.size() > most_rows) {
        std::ranges::move(ports, std::back_inserter(section.rows));
        std::ranges::move(places, std::back_inserter(section.rows));
        return;
    }
    for (const auto& place : places) {
        for (const auto& port : ports) {
            auto row = place;
            row.ports = port.ports;
            row.purpose = place.purpose.empty() ? port.purpose : place.purpose;
            row.level = place.level ? place.level : port.level;
            row.direction = place.direction.empty() ? port.direction : place.direction;
            row.notes += (row.notes.empty() || port.notes.empty() ? "" : "; ") + port.notes;
            if (!port.condition.empty()) {
                row.condition += (row.condition.empty() ? "" : "; ") + port.condition;
                row.when = circumstances_of(row.condition);
            }
            section.rows.push_back(std::move(row));
        }
    }
}

// Lists of a section lead to its rows that lead nowhere else.
void place_within(Section& section) {
    std::vector<Draft> rows;
    bool used = false;
    for (auto& row : section.rows) {
        if (!lacks_places(row) || section.lists.empty() || section.lists.size() > most_rows) {
            rows.push_back(std::move(row));
            continue;
        }
        used = true;
        const bool limited = std::ranges::any_of(
            section.lists, [](const Draft& list) { return !list.condition.empty(); });
        if (!limited) {
            for (const auto& list : section.lists) {
                join(row.places, list.places);
            }
            rows.push_back(std::move(row));
            continue;
        }
        for (const auto& list : section.lists) {
            auto one = row;
            one.places = list.places;
            if (one.condition != list.condition && !list.condition.empty()) {
                one.condition =
                    list.condition + (one.condition.empty() ? "" : "; ") + one.condition;
                one.when = list.when;
            }
            rows.push_back(std::move(one));
        }
    }
    section.rows = std::move(rows);
    if (used) {
        section.lists.clear();
    }
}

bool is_high_range(const Draft& row) {
    constexpr std::uint16_t last = 65535;
    return row.ports.size() == 1 && row.ports[0].transport == Transport::udp &&
           row.ports[0].last == last && row.ports[0].first < last;
}

void place_peers(std::vector<Section>& sections) {
    if (!goes_between_participants(sections)) {
        return;
    }
    for (auto& section : sections) {
        for (auto& row : section.rows) {
            if (row.places.empty() && is_high_range(row)) {
                row.places.any = true;
                row.notes += std::string(row.notes.empty() ? "" : "; ") +
                             "the document says that packets go directly between participants";
            }
        }
    }
}

std::set<std::string> placed_names(const std::vector<Section>& sections) {
    std::set<std::string> names;
    for (const auto& section : sections) {
        for (const auto& row : section.rows) {
            if (!row.ports.empty()) {
                for (const auto& name : row.places.names) {
                    names.insert(name.text);
                }
            }
        }
    }
    return names;
}

// The one TCP port of a document that has one; a list of domains for a proxy means that.
std::optional<PortItem> only_tcp_port(const std::vector<Section>& sections) {
    std::optional<PortItem> found;
    for (const auto& section : sections) {
        for (const auto& row : section.rows) {
            for (const auto& port : row.ports) {
                if (port.transport != Transport::tcp) {
                    continue;
                }
                if (found && (found->first != port.first || found->last != port.last)) {
                    return std::nullopt;
                }
                found = port;
            }
        }
    }
    return found;
}

// A list of names without ports: those that stand elsewhere with ports are said again; what is left
// is a row.
void place_lists(std::vector<Section>& sections) {
    const auto placed = placed_names(sections);
    const auto tcp = only_tcp_port(sections);
    for (auto& section : sections) {
        for (auto& list : section.lists) {
            const auto before = list.places.names.size();
            std::erase_if(list.places.names,
                          [&](const auto& name) { return placed.contains(name.text); });
            if (list.places.empty()) {
                continue;
            }
            const bool rest = list.places.names.size() < before && list.places.networks.empty();
            const bool proxy = section.prose.contains("proxy") && section.prose.contains("domain");
            if (rest && proxy && tcp) {
                list.ports = {*tcp};
                list.level = Level::optional;
                list.notes = "the document lists these names without a service, a port or a level";
            }
            section.rows.push_back(std::move(list));
        }
        section.lists.clear();
    }
}

void add_simplex(Section& section) {
    if (!section.simplex || section.simplex_ports.empty()) {
        return;
    }
    auto draft = *section.simplex;
    draft.ports = section.simplex_ports;
    for (auto& port : draft.ports) {
        port.transport = Transport::udp;
    }
    draft.purpose = "simplex downstream ports";
    draft.direction = "inbound";
    draft.condition = "the range is chosen by the customer; the document recommends this one";
    section.rows.push_back(std::move(draft));
}

// Sections about products: each heading path ends with "SDK".
bool is_product(const Section& section) {
    return (base::to_lower(heading_of(section)) + ' ').contains("sdk ");
}

ImportedProduct product_of(const Section& section, const std::string& first_word) {
    ImportedProduct product;
    std::set<std::string> seen;
    // The title is the document's; below it stands what the product is called.
    for (std::size_t i = section.path.size() > 1 ? 1 : 0; i < section.path.size(); ++i) {
        product.name += (product.name.empty() ? "" : ", ") + section.path[i];
        for (const auto& word : parts_of(slug(section.path[i]), "-")) {
            if (word != "sdk" && word != "the" && word != first_word && seen.insert(word).second) {
                product.product += (product.product.empty() ? "" : "-") + word;
            }
        }
    }
    product.product = product.product.empty() ? "sdk" : product.product;
    product.use_instead = section.use_instead;
    if (section.use_instead.empty()) {
        product.rules = rules_of({section}, false);
    }
    return product;
}

std::string common_first_word(const std::vector<Section>& sections) {
    std::string word;
    if (sections.size() < 2) {
        return word;
    }
    for (const auto& section : sections) {
        if (section.path.size() < 2) {
            return {};
        }
        const auto parts = parts_of(slug(section.path[1]), "-");
        if (!word.empty() && word != parts.front()) {
            return {};
        }
        word = parts.front();
    }
    return word;
}

}  // namespace

std::string heading_of(const Section& section) {
    return section.path.empty() ? std::string() : section.path.back();
}

bool says_something(const Section& section) {
    return !section.rows.empty() || !section.use_instead.empty();
}

bool goes_between_participants(const std::vector<Section>& sections) {
    return std::ranges::any_of(sections, [](const Section& section) {
        return section.prose.contains("directly between participants") ||
               section.prose.contains("directly between peers") ||
               section.prose.contains("directly between users") ||
               section.prose.contains("directly between the participants");
    });
}

std::vector<ImportedProduct> products_of(std::vector<Section> sections) {
    for (auto& section : sections) {
        add_footnotes(section);
        place_within(section);
        cross(section);
        add_simplex(section);
    }
    tie(sections);
    place_peers(sections);
    place_lists(sections);
    std::vector<Section> used;
    std::ranges::copy_if(sections, std::back_inserter(used), says_something);
    const bool closed = std::ranges::any_of(
        used, [](const Section& section) { return !section.use_instead.empty(); });
    if (!used.empty() && (closed || std::ranges::all_of(used, is_product))) {
        std::vector<ImportedProduct> products;
        products.reserve(used.size());
        const auto word = common_first_word(used);
        for (const auto& section : used) {
            products.push_back(product_of(section, word));
        }
        return products;
    }
    ImportedProduct all;
    all.product = "imported";
    all.name = "imported";
    all.rules = rules_of(sections, true);
    return {std::move(all)};
}

}  // namespace turnpike::catalog
