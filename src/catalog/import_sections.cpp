#include "catalog/import_sections.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// Beyond so many rows nobody's page goes, and comparing each with each takes too long.
constexpr std::size_t most_rows = 1000;

bool has(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

bool same_ports(const std::vector<PortItem>& a, const std::vector<PortItem>& b) {
    return std::ranges::equal(a, b, [](const PortItem& one, const PortItem& other) {
        return one.transport == other.transport && one.first == other.first &&
               one.last == other.last;
    });
}

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
    return row.places.empty() && !row.ports.empty() && !has(row.notes, "destination: ");
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

std::set<std::string> words_of(std::string_view text) {
    static const std::set<std::string, std::less<>> common{
        "tcp",    "udp",     "tls",     "the",     "and",  "for",   "a",    "of",          "to",
        "server", "servers", "service", "traffic", "port", "ports", "over", "requirements"};
    std::set<std::string> words;
    for (const auto& word : parts_of(slug(text), "-")) {
        if (!common.contains(word) && word.size() > 1) {
            words.insert(word);
        }
    }
    return words;
}

std::string heading_of(const Section& section) {
    return section.path.empty() ? std::string() : section.path.back();
}

/// A row of one section without places, and a section whose sentences and lists say more of it.
class Ties {
  public:
    explicit Ties(std::vector<Section>& sections) : sections_(sections) {}

    void tie() {
        std::size_t rows = 0;
        for (const auto& section : sections_) {
            rows += section.rows.size();
        }
        if (rows > most_rows || sections_.size() > most_rows) {
            return;
        }
        for (auto& section : sections_) {
            for (auto& row : section.rows) {
                if (row.places.empty() && !row.ports.empty() && !row.unnamed) {
                    take_from(row, [&](const Section& other) {
                        return &other != &section && speaks_of(other, row);
                    });
                }
            }
        }
        // A row that lost its name: what is left with its very ports, if that is one.
        drop_restated();
        for (auto& section : sections_) {
            for (auto& row : section.rows) {
                if (row.places.empty() && row.unnamed) {
                    take_from(row, [&](const Section& other) { return &other != &section; });
                }
            }
        }
        drop_restated();
    }

  private:
    static bool speaks_of(const Section& section, const Draft& row) {
        const auto heading = heading_of(section);
        if (std::ranges::find(row.anchors, slug(heading)) != row.anchors.end()) {
            return true;
        }
        const auto words = words_of(row.purpose);
        return std::ranges::any_of(words_of(heading),
                                   [&](const auto& word) { return words.contains(word); });
    }

    template <typename Fits>
    void take_from(Draft& row, const Fits& fits) {
        Draft* found = nullptr;
        for (auto& section : sections_) {
            if (!fits(section)) {
                continue;
            }
            for (auto& other : section.rows) {
                if (!other.places.empty() && same_ports(other.ports, row.ports) &&
                    other.purpose.empty()) {
                    if (found != nullptr) {
                        return;
                    }
                    found = &other;
                }
            }
        }
        if (found != nullptr) {
            row.places = found->places;
            restated_.insert(found);
            row.notes = row.notes.empty() ? found->notes : row.notes;
            if (row.purpose.empty()) {
                row.purpose = purpose_of(found);
            }
        }
    }
    std::string purpose_of(const Draft* row) const {
        for (const auto& section : sections_) {
            for (const auto& other : section.rows) {
                if (&other == row) {
                    return heading_of(section);
                }
            }
        }
        return {};
    }

    void drop_restated() {
        for (auto& section : sections_) {
            std::vector<Draft> rows;
            for (auto& row : section.rows) {
                if (!restated_.contains(&row)) {
                    rows.push_back(std::move(row));
                }
            }
            section.rows = std::move(rows);
        }
        restated_.clear();
    }

    std::vector<Section>& sections_;
    std::set<const Draft*> restated_;
};

// Media between participants goes to any address, on whatever high port ICE finds.
bool goes_between_participants(const std::vector<Section>& sections) {
    return std::ranges::any_of(sections, [](const Section& section) {
        return has(section.prose, "directly between participants") ||
               has(section.prose, "directly between peers") ||
               has(section.prose, "directly between users") ||
               has(section.prose, "directly between the participants");
    });
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
            const bool proxy = has(section.prose, "proxy") && has(section.prose, "domain");
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

// "either UDP or TCP ... UDP is the preferred": the rows that lead to the same places replace each
// other, UDP first; a direct path before both where the document says that it is the best.
void find_alternatives(const std::vector<Section>& sections, std::vector<ImportedRule>& rules) {
    const bool either = std::ranges::any_of(sections, [](const Section& section) {
        return (has(section.prose, "either udp or tcp") || has(section.prose, "udp or tcp")) &&
               (has(section.prose, "udp is the preferred") ||
                has(section.prose, "udp is preferred"));
    });
    if (!either || rules.size() > most_rows) {
        return;
    }
    const bool direct_first = goes_between_participants(sections) &&
                              std::ranges::any_of(sections, [](const Section& section) {
                                  return has(section.prose, "optimal path") ||
                                         has(section.prose, "best path") ||
                                         has(section.prose, "preferred path");
                              });
    for (auto& udp : rules) {
        for (auto& tcp : rules) {
            const bool pair = !udp.ports.empty() && !tcp.ports.empty() &&
                              udp.ports[0].transport == Transport::udp &&
                              tcp.ports[0].transport == Transport::tcp && !udp.names.empty() &&
                              std::ranges::equal(udp.names, tcp.names, {}, &ImportedName::text,
                                                 &ImportedName::text);
            if (pair) {
                udp.alternative_group = "media";
                tcp.alternative_group = "media";
                udp.alternative = "udp";
                udp.preference = direct_first ? 2 : 1;
                tcp.alternative = "tcp";
                tcp.preference = direct_first ? 3 : 2;
            }
        }
    }
    for (auto& rule : rules) {
        if (direct_first && rule.any && rule.ports.size() == 1 &&
            rule.ports[0].transport == Transport::udp) {
            rule.alternative_group = "media";
            rule.alternative = "direct";
            rule.preference = 1;
        }
    }
}

// "for RTMP converter" reads on; ports keep the words.
ImportedRule rule_of(const Draft& draft, const Section& section, const std::string& id_front) {
    ImportedRule rule;
    rule.purpose = draft.purpose;
    if (rule.purpose.empty()) {
        rule.purpose = heading_of(section).empty() ? "firewall row" : heading_of(section);
    }
    const auto transport =
        draft.ports.empty() ? std::string_view("names") : to_string(draft.ports.front().transport);
    rule.id = slug(fmt::format("{} {} {}", id_front, draft.purpose, transport));
    rule.level = draft.level ? std::string(to_string(*draft.level)) : "";
    rule.condition = draft.condition;
    rule.when = draft.when;
    rule.direction = draft.direction;
    rule.ports = draft.ports;
    Places places;
    join(places, draft.places);  // each once
    for (const auto& name : places.names) {
        rule.names.push_back({name.text, name.note, false});
    }
    rule.networks.assign(places.networks.begin(), places.networks.end());
    rule.any = draft.places.any;
    rule.any_without_wildcards = section.any_without_wildcards && !rule.names.empty() && !rule.any;
    rule.notes = draft.notes;
    rule.simplex = draft.simplex;
    if (rule.level == "conditional" && rule.condition.empty()) {
        rule.condition = "the document does not say when";
    }
    return rule;
}

// "Requirements to enable direct P2P connection": what a section is only for.
bool only_enables(const Section& section) {
    const auto lower = base::to_lower(heading_of(section));
    return has(lower, "to enable ") || has(lower, "(optional)");
}

bool says_something(const Section& section) {
    return !section.rows.empty() || !section.use_instead.empty();
}

// Above all others stands the title, which says nothing of a single row.
std::size_t titles_of(const std::vector<Section>& sections) {
    std::set<std::string> first;
    for (const auto& section : sections) {
        if (says_something(section) && !section.path.empty()) {
            first.insert(section.path.front());
        }
    }
    return first.size() > 1 ? 0 : 1;
}

std::string trail_of(const Section& section, std::size_t titles) {
    std::string trail;
    for (std::size_t i = titles; i < section.path.size(); ++i) {
        trail += (trail.empty() ? "" : ", ") + section.path[i];
    }
    return trail;
}

// Purposes that rows of several sections have: there the headings tell them apart.
std::set<std::string> ambiguous_purposes(const std::vector<Section>& sections) {
    std::map<std::string, const Section*> first;
    std::set<std::string> ambiguous;
    for (const auto& section : sections) {
        for (const auto& draft : section.rows) {
            const auto known = first.emplace(draft.purpose, &section).first->second;
            if (!draft.purpose.empty() && known != &section && known->path != section.path) {
                ambiguous.insert(draft.purpose);
            }
        }
    }
    return ambiguous;
}

std::vector<ImportedRule> rules_of(const std::vector<Section>& sections, bool with_path) {
    std::vector<ImportedRule> rules;
    const auto titles = titles_of(sections);
    const auto ambiguous = ambiguous_purposes(sections);
    for (const auto& section : sections) {
        const auto trail = trail_of(section, titles);
        const auto front = with_path ? trail : std::string();
        for (const auto& draft : section.rows) {
            auto rule = rule_of(draft, section, front);
            if (!trail.empty() && ambiguous.contains(draft.purpose)) {
                rule.purpose = fmt::format("{}: {}", trail, draft.purpose);
            }
            if (rule.level.empty() && rule.condition.empty() && only_enables(section)) {
                rule.level = "optional";
            }
            rules.push_back(std::move(rule));
        }
    }
    find_alternatives(sections, rules);
    return rules;
}

// Sections about products: each heading path ends with "SDK".
bool is_product(const Section& section) {
    return has(base::to_lower(heading_of(section)) + ' ', "sdk ");
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

std::vector<ImportedProduct> products_of(std::vector<Section> sections) {
    for (auto& section : sections) {
        add_footnotes(section);
        place_within(section);
        cross(section);
        add_simplex(section);
    }
    Ties(sections).tie();
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
