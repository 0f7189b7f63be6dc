// Reads the keys of one rule, each by a function of its own.
#include "catalog/rule_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "catalog/map_reader.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// Who fills in a destination that the document leaves open.
constexpr std::array<std::string_view, 5> reference_kinds{
    "customer:", "vendor-issued:", "feed:", "lan:", "self:"};

// What a reader may have to conclude where the document is silent.
constexpr std::array<std::string_view, 10> inferable_keys{
    "level",    "expects",   "carries", "ports",       "names",
    "networks", "direction", "simplex", "destination", "alternative"};

/// One entry of a list written as text, and its place in the file.
struct Entry {
    std::string_view text;
    Place place;
};

// Lists of names and networks may be pasted as a block, one entry a line, "#" starting a comment.
std::vector<Entry> entries_of(const YamlNode& node) {
    std::vector<Entry> entries;
    std::string_view rest = node.text;
    // The first line of a block stands below the mark of the block.
    auto line = node.place.line + (node.block ? 1 : 0);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        auto words = rest.substr(0, end);
        words = words.substr(0, words.find('#'));
        for (words = trim(words); !words.empty(); words = trim(words)) {
            const auto blank = std::min(words.find_first_of(" \t"), words.size());
            entries.push_back({words.substr(0, blank), {line, node.block ? 1 : node.place.column}});
            words.remove_prefix(blank);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
        ++line;
    }
    return entries;
}

std::vector<Circumstance> read_when(const YamlNode& node, Mistakes& mistakes) {
    std::vector<Circumstance> circumstances;
    if (node.kind != YamlNode::Kind::map) {
        mistakes.add(node.place, R"("when" is a map such as {version: ">=2.9.0"})");
        return circumstances;
    }
    for (const auto& [key, value] : node.entries) {
        // Any key may stand there, so each is read as a map by itself.
        YamlNode single;
        single.kind = YamlNode::Kind::map;
        single.place = node.place;
        single.entries = {{key, value}};
        const MapReader reader(single, "when", {key->text}, mistakes);
        Circumstance circumstance{key->text, {}};
        if (const auto good = parse_identifier(key->text); !good) {
            reader.report(*key, good.error());
        }
        for (const auto* element : reader.elements(*value)) {
            const auto text = reader.scalar(*element);
            if (!text) {
                continue;
            }
            const auto bounds = key->text == "version" ? parse_version_bounds(*text)
                                                       : Parsed<std::string>(std::string(*text));
            if (bounds) {
                circumstance.values.push_back(*bounds);
            } else {
                reader.report(*element, bounds.error());
            }
        }
        circumstances.push_back(std::move(circumstance));
    }
    return circumstances;
}

// Reads the parts of one rule into it.
class RuleReader {
  public:
    RuleReader(const YamlNode& node, Mistakes& mistakes)
        : map_(node, "a rule",
               {"id",        "purpose",  "direction",   "simplex",    "ports",      "source_ports",
                "names",     "networks", "destination", "level",      "condition",  "when",
                "expects",   "carries",  "alternative", "tier",       "without_it", "effective",
                "lifecycle", "notes",    "inferred",    "as_printed", "probe"},
               mistakes) {}

    Rule read() {
        rule_.id = map_.required_identifier("id");
        rule_.purpose = map_.required_text("purpose");
        rule_.direction = map_.word<RuleDirection>("direction").value_or(RuleDirection::outbound);
        rule_.duplex = map_.flag("simplex") ? Duplex::simplex : Duplex::duplex;
        rule_.notes = map_.text("notes");
        rule_.lost_feature = map_.text("without_it");
        rule_.tier = map_.word<Tier>("tier").value_or(Tier::none);
        read_level();
        read_ports();
        read_destinations();
        read_words("expects", rule_.expects);
        read_words("carries", rule_.carries);
        read_alternative();
        read_life();
        read_inferred();
        rule_.as_printed = map_.flag("as_printed");
        read_probe_names();
        return std::move(rule_);
    }

  private:
    void read_level() {
        const auto level = map_.word<Level>("level");
        rule_.condition = map_.text("condition");
        rule_.level =
            level.value_or(rule_.condition.empty() ? Level::required : Level::conditional);
        if (const auto* when = map_.find("when")) {
            rule_.when = read_when(*when, map_.mistakes());
        }
        if (rule_.level == Level::conditional && map_.find("condition") == nullptr) {
            map_.report(*map_.find("level"), "a conditional rule needs its \"condition\" in words");
        }
        if (!rule_.when.empty() && rule_.condition.empty()) {
            map_.report(*map_.find("when"), R"("when" needs the "condition" in words beside it)");
        }
    }

    void read_ports() {
        const auto* node = map_.require("ports");
        if (node == nullptr || (node->kind == YamlNode::Kind::scalar && node->text == "unstated")) {
            return;
        }
        read_port_lists(*node, rule_.ports);
        if (const auto* sources = map_.find("source_ports")) {
            read_port_lists(*sources, rule_.source_ports);
            if (std::ranges::find(rule_.source_ports, false, &PortItem::stated) !=
                rule_.source_ports.end()) {
                map_.report(*sources, "source ports that are not stated are left out");
            }
        }
    }

    void read_port_lists(const YamlNode& node, std::vector<PortItem>& items) {
        const MapReader lists(node, "a port list", {"tcp", "udp"}, map_.mistakes());
        if (node.kind == YamlNode::Kind::map && node.entries.empty()) {
            map_.report(node, "no port; write \"unstated\" if the document names none");
        }
        for (const auto transport : {Transport::tcp, Transport::udp}) {
            const auto elements = lists.elements(to_string(transport));
            for (const auto* element : elements) {
                read_port(*element, transport, items);
            }
            const bool mixed = elements.size() > 1 &&
                               std::ranges::any_of(items, [transport](const PortItem& item) {
                                   return item.transport == transport && !item.stated;
                               });
            if (mixed) {
                map_.report(*elements.front(),
                            "\"unstated\" stands alone: the document names ports or it does not");
            }
        }
    }

    void read_port(const YamlNode& node, Transport transport, std::vector<PortItem>& items) {
        auto item =
            node.kind == YamlNode::Kind::map ? read_conditional_port(node) : read_plain_port(node);
        if (!item) {
            return;
        }
        item->transport = transport;
        const bool again = std::ranges::any_of(items, [&](const PortItem& earlier) {
            return earlier.transport == transport && earlier.text == item->text &&
                   earlier.condition == item->condition;
        });
        if (again) {
            map_.report(node, fmt::format("{} {} stands in the list twice", to_string(transport),
                                          item->text));
            return;
        }
        items.push_back(std::move(*item));
    }

    std::optional<PortItem> read_plain_port(const YamlNode& node) {
        const auto text = map_.scalar(node);
        if (!text) {
            return std::nullopt;
        }
        if (trim(*text) == "unstated") {
            return unstated_port(Transport::tcp);
        }
        auto item = parse_port_item(*text);
        if (!item) {
            map_.report(node, item.error());
            return std::nullopt;
        }
        return std::move(*item);
    }

    std::optional<PortItem> read_conditional_port(const YamlNode& node) {
        const MapReader reader(node, "a port item", {"port", "level", "condition", "when"},
                               map_.mistakes());
        const auto* port = reader.require("port");
        auto item = port == nullptr ? std::nullopt : read_plain_port(*port);
        if (!item) {
            return std::nullopt;
        }
        item->condition = reader.text("condition");
        item->level = reader.word<Level>("level");
        if (!item->level && !item->condition.empty()) {
            item->level = Level::conditional;
        }
        if (item->level == Level::conditional && item->condition.empty()) {
            map_.report(node, "a conditional port needs its \"condition\" in words");
        }
        if (const auto* when = reader.find("when")) {
            item->when = read_when(*when, map_.mistakes());
            if (item->condition.empty()) {
                map_.report(*when, R"("when" needs the "condition" in words beside it)");
            }
        }
        return item;
    }

    void read_destinations() {
        if (const auto* names = map_.find("names")) {
            read_names(*names);
        }
        if (const auto* networks = map_.find("networks")) {
            read_networks(*networks);
        }
        for (const auto* element : map_.elements("destination")) {
            read_destination_word(*element);
        }
        const std::array keys{"names", "networks", "destination"};
        if (std::ranges::none_of(keys, [this](auto key) { return map_.find(key) != nullptr; })) {
            map_.mistakes().add(map_.place(),
                                "a rule needs names, networks or a destination (any, unstated, "
                                "...)");
        }
    }

    void read_names(const YamlNode& node) {
        for (const auto* element : map_.elements(node)) {
            switch (element->kind) {
                case YamlNode::Kind::sequence:
                    read_names(*element);
                    break;
                case YamlNode::Kind::map:
                    read_annotated_name(*element);
                    break;
                case YamlNode::Kind::scalar:
                    for (const auto& entry : entries_of(*element)) {
                        add_name(entry, {}, false);
                    }
                    break;
                case YamlNode::Kind::null:
                    map_.report(*element, "a name is missing here");
                    break;
            }
        }
    }

    void read_annotated_name(const YamlNode& node) {
        const MapReader reader(node, "a name", {"name", "note", "shared"}, map_.mistakes());
        const auto* name = reader.require("name");
        const auto text = name == nullptr ? std::nullopt : reader.scalar(*name);
        const auto note = reader.text("note");
        const bool shared = reader.flag("shared");
        if (text) {
            add_name({*text, name->place}, note, shared);
        }
    }

    void add_name(const Entry& entry, const std::string& note, bool shared) {
        auto pattern = parse_name_pattern(entry.text);
        if (!pattern) {
            map_.mistakes().add(entry.place, pattern.error());
            return;
        }
        if (!seen_names_.insert(*pattern).second) {
            map_.mistakes().add(entry.place,
                                fmt::format("the name \"{}\" stands in the list twice", *pattern));
            return;
        }
        rule_.destinations.names.push_back({std::move(*pattern), note, shared});
    }

    void read_networks(const YamlNode& node) {
        for (const auto* element : map_.elements(node)) {
            if (element->kind == YamlNode::Kind::sequence) {
                read_networks(*element);
            } else if (element->kind == YamlNode::Kind::map) {
                read_annotated_network(*element);
            } else if (map_.scalar(*element)) {
                for (const auto& entry : entries_of(*element)) {
                    add_network(entry, {}, false);
                }
            }
        }
    }

    void read_annotated_network(const YamlNode& node) {
        const MapReader reader(node, "a network", {"network", "note", "shared"}, map_.mistakes());
        const auto* network = reader.require("network");
        const auto text = network == nullptr ? std::nullopt : reader.scalar(*network);
        const auto note = reader.text("note");
        const bool shared = reader.flag("shared");
        if (text) {
            add_network({*text, network->place}, note, shared);
        }
    }

    void add_network(const Entry& entry, const std::string& note, bool shared) {
        const auto added = parse_network(entry.text);
        if (!added) {
            map_.mistakes().add(entry.place, added.error());
            return;
        }
        if (!seen_networks_.insert(added->front()).second) {
            map_.mistakes().add(entry.place,
                                fmt::format("the network {} stands in the list twice", entry.text));
            return;
        }
        for (const auto& prefix : *added) {
            rule_.destinations.prefixes.emplace_back(prefix, note, shared);
        }
    }

    void read_destination_word(const YamlNode& node) {
        const auto text = map_.scalar(node);
        if (!text) {
            return;
        }
        auto& destinations = rule_.destinations;
        const auto word = trim(*text);
        if (word == "any") {
            destinations.any = true;
        } else if (word == "any-without-wildcards") {
            destinations.any_without_wildcards = true;
        } else if (word == "unstated" || is_reference(word)) {
            if (!destinations.reference.empty()) {
                map_.report(node,
                            fmt::format("\"{}\" beside \"{}\": a rule leads to one of these; "
                                        "write a rule for each",
                                        base::escape(word), base::escape(destinations.reference)));
            }
            destinations.reference = word;
        } else {
            map_.report(node, fmt::format("unknown destination \"{}\"; one of any, "
                                          "any-without-wildcards, unstated, customer:NAME, "
                                          "vendor-issued:NAME, feed:TEXT, lan:TEXT, self:TEXT",
                                          base::escape(word)));
        }
    }

    static bool is_reference(std::string_view word) {
        const auto kind = std::ranges::find_if(
            reference_kinds, [word](auto candidate) { return word.starts_with(candidate); });
        if (kind == reference_kinds.end()) {
            return false;
        }
        const auto rest = word.substr(kind->size());
        const bool names_setting = *kind == "customer:" || *kind == "vendor-issued:";
        return names_setting ? parse_identifier(rest).has_value() : !trim(rest).empty();
    }

    template <typename T>
    void read_words(std::string_view key, std::vector<T>& values) {
        for (const auto* element : map_.elements(key)) {
            if (const auto value = map_.word_of<T>(*element)) {
                values.push_back(*value);
            }
        }
    }

    void read_alternative() {
        const auto* node = map_.find("alternative");
        if (node == nullptr) {
            return;
        }
        const MapReader reader(*node, "an alternative",
                               {"group", "branch", "preference", "media_by"}, map_.mistakes());
        rule_.alternative_group = reader.required_identifier("group");
        rule_.alternative_branch = reader.required_identifier("branch");
        rule_.preference = reader.count("preference").value_or(0);
        rule_.media_by = reader.word<MediaSign>("media_by").value_or(MediaSign::unstated);
    }

    void read_life() {
        rule_.lifecycle = map_.word<Lifecycle>("lifecycle").value_or(Lifecycle::active);
        const auto* node = map_.find("effective");
        if (node == nullptr) {
            return;
        }
        const MapReader reader(*node, "effective", {"from", "until"}, map_.mistakes());
        rule_.effective_from = reader.day("from");
        rule_.effective_until = reader.day("until");
        if (rule_.effective_from && rule_.effective_until &&
            *rule_.effective_from >= *rule_.effective_until) {
            map_.report(*node, R"("until" is not after "from")");
        }
    }

    void read_probe_names() {
        for (const auto* element : map_.elements("probe")) {
            const auto name = map_.scalar(*element);
            if (!name) {
                continue;
            }
            const auto covered = std::ranges::any_of(
                rule_.destinations.names,
                [&name](const NamePattern& pattern) { return pattern.matches(*name); });
            if (!covered || name->find_first_of("*{}") != std::string::npos) {
                map_.report(*element, fmt::format("\"{}\" is no host name that this row's names "
                                                  "cover",
                                                  base::escape(*name)));
                continue;
            }
            rule_.probe_names.emplace_back(*name);
        }
    }

    void read_inferred() {
        for (const auto* element : map_.elements("inferred")) {
            const auto key = map_.scalar(*element);
            if (!key) {
                continue;
            }
            if (std::ranges::find(inferable_keys, *key) == inferable_keys.end()) {
                map_.refuse_word(*element, *key, {inferable_keys.begin(), inferable_keys.end()});
            }
            rule_.inferred.emplace_back(*key);
        }
    }

    MapReader map_;
    Rule rule_;
    std::unordered_set<std::string> seen_names_;
    std::set<base::Prefix> seen_networks_;
};

}  // namespace

Rule read_rule(const YamlNode& node, Mistakes& mistakes) {
    return RuleReader(node, mistakes).read();
}

}  // namespace turnpike::catalog
