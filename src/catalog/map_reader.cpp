// Reads the values of a YAML map as texts, days, counts and lists, and reports mistakes.
#include "catalog/map_reader.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// Further away than this a suggestion helps nobody.
constexpr std::size_t furthest_suggestion = 4;

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
    const auto best = std::ranges::min_element(
        known, {}, [word](auto candidate) { return base::edit_distance(word, candidate); });
    return best != known.end() && base::edit_distance(word, *best) <= furthest_suggestion
               ? *best
               : std::string_view{};
}

}  // namespace

MapReader::MapReader(const YamlNode& node, std::string_view what,
                     std::initializer_list<std::string_view> keys, Mistakes& mistakes)
    : node_(node), what_(what), mistakes_(mistakes) {
    if (node.kind != YamlNode::Kind::map) {
        report(node, fmt::format("{} is a map of keys and values", what));
        return;
    }
    refuse_unknown_keys(keys);
}

void MapReader::refuse_unknown_keys(std::initializer_list<std::string_view> keys) const {
    const std::vector<std::string_view> known(keys);
    for (const auto& [key, value] : node_.entries) {
        if (key->kind != YamlNode::Kind::scalar ||
            std::ranges::find(known, std::string_view(key->text)) != known.end()) {
            continue;
        }
        const auto suggestion = nearest(key->text, known);
        report(*key, suggestion.empty()
                         ? fmt::format("{} has no key \"{}\"; it knows {}", what_,
                                       base::escape(key->text), fmt::join(known, ", "))
                         : fmt::format(R"({} has no key "{}"; did you mean "{}"?)", what_,
                                       base::escape(key->text), suggestion));
    }
}

const YamlNode* MapReader::find(std::string_view key) const noexcept {
    const auto entry = std::ranges::find_if(
        node_.entries, [key](const auto& candidate) { return candidate.first->text == key; });
    return entry == node_.entries.end() ? nullptr : entry->second;
}

const YamlNode* MapReader::require(std::string_view key) const {
    const auto* node = find(key);
    if (node == nullptr && node_.kind == YamlNode::Kind::map) {
        report(node_, fmt::format("{} lacks \"{}\"", what_, key));
    }
    return node;
}

std::optional<std::string_view> MapReader::scalar(const YamlNode& node) const {
    switch (node.kind) {
        case YamlNode::Kind::scalar:
            return node.text;
        case YamlNode::Kind::null:
            report(node, "a value is missing here");
            return std::nullopt;
        case YamlNode::Kind::sequence:
        case YamlNode::Kind::map:
            report(node, "a single value belongs here");
            return std::nullopt;
    }
    return std::nullopt;
}

std::string MapReader::text(std::string_view key) const {
    const auto* node = find(key);
    if (node == nullptr) {
        return {};
    }
    const auto value = scalar(*node);
    if (value && trim(*value).empty()) {
        report(*node, fmt::format("\"{}\" is empty", key));
    }
    return value ? std::string(trim(*value)) : std::string{};
}

std::string MapReader::required_text(std::string_view key) const {
    return require(key) == nullptr ? std::string{} : text(key);
}

template <typename T>
std::optional<T> MapReader::parsed(std::string_view key,
                                   Parsed<T> (*parse)(std::string_view)) const {
    const auto* node = find(key);
    const auto value = node == nullptr ? std::nullopt : scalar(*node);
    if (!value) {
        return std::nullopt;
    }
    auto result = parse(*value);
    if (!result) {
        report(*node, result.error());
        return std::nullopt;
    }
    return std::move(*result);
}

std::string MapReader::required_identifier(std::string_view key) const {
    return require(key) == nullptr ? std::string{}
                                   : parsed(key, &parse_identifier).value_or(std::string{});
}

std::optional<base::Timestamp> MapReader::day(std::string_view key) const {
    return parsed(key, &parse_day);
}

std::optional<unsigned> MapReader::count(std::string_view key) const {
    return parsed(key, &parse_count);
}

bool MapReader::flag(std::string_view key) const {
    const auto* node = find(key);
    const auto value = node == nullptr ? std::nullopt : scalar(*node);
    if (value && *value != "true" && *value != "false") {
        report(*node, fmt::format("\"{}\" is true or false", key));
    }
    return value == "true";
}

std::vector<const YamlNode*> MapReader::elements(std::string_view key) const {
    const auto* node = find(key);
    return node == nullptr ? std::vector<const YamlNode*>{} : elements(*node);
}

std::vector<const YamlNode*> MapReader::elements(const YamlNode& node) const {
    if (node.kind == YamlNode::Kind::sequence) {
        if (node.items.empty()) {
            report(node, "an empty list; leave the key out");
        }
        return node.items;
    }
    if (node.kind == YamlNode::Kind::scalar) {
        return {&node};
    }
    report(node, "a list belongs here");
    return {};
}

void MapReader::report(const YamlNode& node, std::string reason) const {
    mistakes_.add(node.place, std::move(reason));
}

void MapReader::refuse_word(const YamlNode& node, std::string_view word,
                            const std::vector<std::string_view>& known) const {
    const auto suggestion = nearest(word, known);
    report(node, suggestion.empty() ? fmt::format("unknown word \"{}\"; one of {}",
                                                  base::escape(word), fmt::join(known, ", "))
                                    : fmt::format(R"(unknown word "{}"; did you mean "{}"?)",
                                                  base::escape(word), suggestion));
}

}  // namespace turnpike::catalog
