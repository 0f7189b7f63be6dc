// Makes rules of drafts: names them, tells alternatives, and chooses words for their purpose.
#include "catalog/import_rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/import_readers.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// "either UDP or TCP ... UDP is the preferred": the rows that lead to the same places replace each
// other, UDP first; a direct path before both where the document says that it is the best.
void find_alternatives(const std::vector<Section>& sections, std::vector<ImportedRule>& rules) {
    const bool either = std::ranges::any_of(sections, [](const Section& section) {
        return (section.prose.contains("either udp or tcp") ||
                section.prose.contains("udp or tcp")) &&
               (section.prose.contains("udp is the preferred") ||
                section.prose.contains("udp is preferred"));
    });
    if (!either || rules.size() > most_rows) {
        return;
    }
    const bool direct_first = goes_between_participants(sections) &&
                              std::ranges::any_of(sections, [](const Section& section) {
                                  return section.prose.contains("optimal path") ||
                                         section.prose.contains("best path") ||
                                         section.prose.contains("preferred path");
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
    return lower.contains("to enable ") || lower.contains("(optional)");
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

}  // namespace

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

}  // namespace turnpike::catalog
