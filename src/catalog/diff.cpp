// Compares two revisions, and renders the difference as text, JSON and tables.
#include "turnpike/catalog/diff.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "catalog/coverage.h"
#include "catalog/json_writer.h"
#include "catalog/render_text.h"

namespace turnpike::catalog {
namespace {

// Whether a revision's rules open a port item; without one, the rule must state no ports either.
bool opens(const Rule& rule, RuleDirection direction, const PortItem* port) {
    const bool same_way = rule.direction == direction || rule.direction == RuleDirection::both;
    if (!same_way) {
        return false;
    }
    if (port == nullptr) {
        return rule.ports.empty();
    }
    return std::ranges::any_of(rule.ports,
                               [port](const PortItem& outer) { return covers(outer, *port); });
}

// The rules of a revision that open a port item in a direction.
std::vector<const Rule*> openers(const Revision& revision, RuleDirection direction,
                                 const PortItem* port) {
    std::vector<const Rule*> result;
    for (const auto& rule : revision.rules) {
        if (opens(rule, direction, port)) {
            result.push_back(&rule);
        }
    }
    return result;
}

template <typename Holds>
bool any_destination_holds(const std::vector<const Rule*>& rules, const Holds& holds) {
    return std::ranges::any_of(rules, [&holds](const Rule* rule) {
        return rule->destinations.any || holds(rule->destinations);
    });
}

// The destinations of a rule that none of the other side's rules reaches.
std::vector<std::string> uncovered(const Destinations& destinations,
                                   const std::vector<const Rule*>& others) {
    std::vector<std::string> result;
    for (const auto& name : destinations.names) {
        if (!any_destination_holds(others, [&name](const Destinations& other) {
                return std::ranges::any_of(
                    other.names, [&name](const auto& outer) { return covers(outer, name); });
            })) {
            result.push_back(name.text);
        }
    }
    for (const auto& prefix : destinations.prefixes) {
        if (!any_destination_holds(others, [&prefix](const Destinations& other) {
                return std::ranges::any_of(
                    other.prefixes, [&prefix](const auto& outer) { return covers(outer, prefix); });
            })) {
            result.push_back(base::to_string(prefix));
        }
    }
    if (destinations.any && !any_destination_holds(others, [](const auto&) { return false; })) {
        result.emplace_back("ANY");
    }
    if (!destinations.reference.empty() &&
        !any_destination_holds(others, [&destinations](const Destinations& other) {
            return other.reference == destinations.reference;
        })) {
        result.push_back(destinations.reference);
    }
    return result;
}

void append_openings(const Rule& rule, const PortItem* port, const Revision& other,
                     std::vector<Opening>& result) {
    auto destinations = uncovered(rule.destinations, openers(other, rule.direction, port));
    if (destinations.empty()) {
        return;
    }
    // Ports of one rule that lack the same destinations read better as one line.
    const bool continues = !result.empty() && result.back().rule == &rule && port != nullptr &&
                           result.back().ports.front()->transport == port->transport &&
                           result.back().destinations == destinations;
    if (continues) {
        result.back().ports.push_back(port);
        return;
    }
    result.push_back({&rule, {}, std::move(destinations)});
    if (port != nullptr) {
        result.back().ports.push_back(port);
    }
}

// What `revision` opens and `other` does not.
std::vector<Opening> beyond(const Revision& revision, const Revision& other) {
    std::vector<Opening> result;
    for (const auto& rule : revision.rules) {
        for (const auto& port : rule.ports) {
            append_openings(rule, &port, other, result);
        }
        if (rule.ports.empty()) {
            append_openings(rule, nullptr, other, result);
        }
    }
    return result;
}

void compare(std::vector<std::string>& words, std::string_view where, std::string_view what,
             std::string_view before, std::string_view after) {
    if (before != after) {
        words.push_back(fmt::format(R"({}: {} "{}", was "{}")", where, what, after, before));
    }
}

std::string demands_text(const Revision& revision) {
    std::vector<std::string_view> texts;
    std::ranges::transform(revision.demands, std::back_inserter(texts), &Demand::text);
    return fmt::format("{}", fmt::join(texts, "; "));
}

std::string life_words(const Rule& rule) {
    return fmt::format("{} from {} until {}", to_string(rule.lifecycle),
                       day_text(rule.effective_from), day_text(rule.effective_until));
}

// What a rule that stands in both revisions says differently, beyond what it opens.
void compare_rules(const Rule& before, const Rule& after, std::vector<std::string>& words) {
    compare(words, after.id, "purpose", before.purpose, after.purpose);
    compare(words, after.id, "level", level_text(before), level_text(after));
    compare(words, after.id, "speaks", expectations_text(before), expectations_text(after));
    compare(words, after.id, "carries", carries_text(before), carries_text(after));
    compare(words, after.id, "alternative", alternative_text(before), alternative_text(after));
    compare(words, after.id, "tier", to_string(before.tier), to_string(after.tier));
    compare(words, after.id, "life", life_words(before), life_words(after));
    compare(words, after.id, "without it", before.lost_feature, after.lost_feature);
    compare(words, after.id, "notes", before.notes, after.notes);
    for (const auto& port : after.ports) {
        const auto same = std::ranges::find_if(before.ports, [&port](const PortItem& other) {
            return other.transport == port.transport && other.text == port.text;
        });
        if (same != before.ports.end()) {
            compare(words, after.id,
                    fmt::format("condition of {} {}", to_string(port.transport), port.text),
                    same->condition, port.condition);
        }
    }
}

std::vector<std::string> changed_words(const Revision& before, const Revision& after) {
    std::vector<std::string> words;
    compare(words, "document", "title", before.source_title, after.source_title);
    compare(words, "document", "notes", before.notes, after.notes);
    compare(words, "document", "demands", demands_text(before), demands_text(after));
    compare(words, "document", "use instead", before.use_instead, after.use_instead);
    compare(words, "document", "includes", fmt::format("{}", fmt::join(before.includes, ", ")),
            fmt::format("{}", fmt::join(after.includes, ", ")));
    for (const auto& rule : after.rules) {
        const auto earlier = std::ranges::find(before.rules, rule.id, &Rule::id);
        if (earlier != before.rules.end()) {
            compare_rules(*earlier, rule, words);
        }
    }
    return words;
}

std::string opening_text(const Opening& opening) {
    std::vector<PortItem> ports;
    std::ranges::transform(opening.ports, std::back_inserter(ports),
                           [](const PortItem* port) { return *port; });
    return fmt::format("{} {} {} {} ({}{})", to_string(opening.rule->direction),
                       opening.ports.empty() ? "ports not stated" : ports_text(ports),
                       opening.rule->direction == RuleDirection::inbound ? "at" : "to",
                       fmt::join(opening.destinations, ", "), opening.rule->id,
                       opening.rule->condition.empty() ? "" : ", " + opening.rule->condition);
}

void append_list(std::string& out, std::string_view head, const std::vector<std::string>& lines) {
    if (lines.empty()) {
        return;
    }
    out += fmt::format("  {}\n", head);
    for (const auto& line : lines) {
        out += "    " + wrapped(line, 6) + '\n';
    }
}

std::vector<std::string> openings_texts(const std::vector<Opening>& openings) {
    std::vector<std::string> texts;
    std::ranges::transform(openings, std::back_inserter(texts), opening_text);
    return texts;
}

std::string title_of_diff(const RevisionDiff& change) {
    if (change.before == nullptr) {
        return change.after->selector() + " is new";
    }
    if (change.after == nullptr) {
        return change.before->selector() + " is gone";
    }
    return change.before->selector() == change.after->selector()
               ? change.after->selector()
               : fmt::format("{} -> {}", change.before->selector(), change.after->selector());
}

std::string diff_text(const std::vector<RevisionDiff>& diffs) {
    std::string out;
    for (const auto& change : diffs) {
        out += title_of_diff(change) + '\n';
        append_list(out, "must be opened", openings_texts(change.add));
        append_list(out, "may be closed", openings_texts(change.remove));
        append_list(out, "changed in words only", change.words);
        if (change.empty() && change.before != nullptr && change.after != nullptr) {
            out += "  no difference\n";
        }
    }
    return out.empty() ? "no difference\n" : out;
}

void write_openings(JsonWriter& json, std::string_view key, const std::vector<Opening>& openings) {
    json.key(key).begin_array();
    for (const auto& opening : openings) {
        json.begin_object()
            .member("rule_id", opening.rule->id)
            .member("direction", to_string(opening.rule->direction));
        json.key("ports").begin_array();
        for (const auto* port : opening.ports) {
            json.value(fmt::format("{} {}", to_string(port->transport), port->text));
        }
        json.end().key("destinations").begin_array();
        for (const auto& destination : opening.destinations) {
            json.value(destination);
        }
        json.end().end();
    }
    json.end();
}

std::string selector_or_empty(const Revision* revision) {
    return revision == nullptr ? std::string{} : revision->selector();
}

std::string diff_json(const std::vector<RevisionDiff>& diffs) {
    JsonWriter json;
    json.begin_array();
    for (const auto& change : diffs) {
        json.begin_object()
            .member_unless_empty("before", selector_or_empty(change.before))
            .member_unless_empty("after", selector_or_empty(change.after));
        write_openings(json, "add", change.add);
        write_openings(json, "remove", change.remove);
        json.key("words").begin_array();
        for (const auto& line : change.words) {
            json.value(line);
        }
        json.end().end();
    }
    return json.end().take();
}

// One line a change, for csv and markdown.
using Row = std::array<std::string, 4>;
constexpr std::array<std::string_view, 4> change_heads{"before", "after", "change", "text"};

std::vector<Row> diff_rows(const std::vector<RevisionDiff>& diffs) {
    std::vector<Row> rows;
    for (const auto& change : diffs) {
        const auto before = selector_or_empty(change.before);
        const auto after = selector_or_empty(change.after);
        for (const auto& line : openings_texts(change.add)) {
            rows.push_back({before, after, "add", line});
        }
        for (const auto& line : openings_texts(change.remove)) {
            rows.push_back({before, after, "remove", line});
        }
        for (const auto& line : change.words) {
            rows.push_back({before, after, "words", line});
        }
        if (before.empty() || after.empty()) {
            rows.push_back({before, after, before.empty() ? "new" : "gone", {}});
        }
    }
    return rows;
}

}  // namespace

RevisionDiff diff(const Revision& before, const Revision& after) {
    return {&before, &after, beyond(after, before), beyond(before, after),
            changed_words(before, after)};
}

std::vector<RevisionDiff> diff(const Catalog& before, const Catalog& after) {
    std::map<std::string, const Revision*> earlier;
    for (const auto& revision : before.revisions()) {
        earlier[revision.selector()] = &revision;
    }
    std::vector<RevisionDiff> result;
    for (const auto& revision : after.revisions()) {
        const auto known = earlier.extract(revision.selector());
        if (known.empty()) {
            result.push_back({nullptr, &revision, {}, {}, {}});
        } else if (auto change = diff(*known.mapped(), revision); !change.empty()) {
            result.push_back(std::move(change));
        }
    }
    for (const auto& [selector, revision] : earlier) {
        result.push_back({revision, nullptr, {}, {}, {}});
    }
    return result;
}

std::string render_diff(const std::vector<RevisionDiff>& diffs, Format format) {
    std::string out;
    switch (format) {
        case Format::text:
            return diff_text(diffs);
        case Format::json:
            return diff_json(diffs);
        case Format::csv:
            out = csv_line(change_heads);
            for (const auto& row : diff_rows(diffs)) {
                out += csv_line(row);
            }
            return out;
        case Format::markdown:
            out = markdown_head(change_heads);
            for (const auto& row : diff_rows(diffs)) {
                out += markdown_line(row);
            }
            return out;
    }
    return out;
}

}  // namespace turnpike::catalog
