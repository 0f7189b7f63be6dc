// Reads one YAML map against the keys it may hold, so that unknown keys and wrong shapes are
// reported in one manner everywhere.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/syntax.h"
#include "catalog/words.h"
#include "catalog/yaml_document.h"

namespace turnpike::catalog {

/// A map of the document and where mistakes in it go. A missing or misshapen value yields nothing,
/// after it was reported.
class MapReader {
  public:
    /// `what`: the kind of thing the map describes, for messages ("a rule").
    MapReader(const YamlNode& node, std::string_view what,
              std::initializer_list<std::string_view> keys, Mistakes& mistakes);

    [[nodiscard]] Place place() const noexcept { return node_.place; }
    [[nodiscard]] Mistakes& mistakes() const noexcept { return mistakes_; }
    /// The value of a key, null if it is absent.
    [[nodiscard]] const YamlNode* find(std::string_view key) const noexcept;
    /// The same, reporting its absence.
    [[nodiscard]] const YamlNode* require(std::string_view key) const;

    /// Text of one or several lines, blanks at both ends dropped; "" if absent.
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::string required_text(std::string_view key) const;
    [[nodiscard]] std::string required_identifier(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] std::optional<base::Timestamp> day(std::string_view key) const;
    [[nodiscard]] std::optional<unsigned> count(std::string_view key) const;
    /// A word of a closed list.
    template <typename T>
    [[nodiscard]] std::optional<T> word(std::string_view key) const {
        const auto* node = find(key);
        return node == nullptr ? std::nullopt : word_of<T>(*node);
    }
    template <typename T>
    [[nodiscard]] std::optional<T> word_of(const YamlNode& node) const {
        const auto value = scalar(node);
        if (!value) {
            return std::nullopt;
        }
        const auto parsed = parse_word<T>(*value);
        if (!parsed) {
            std::vector<std::string_view> known;
            for (const auto& word : words<T>()) {
                known.push_back(word.text);
            }
            refuse_word(node, *value, known);
        }
        return parsed;
    }

    /// The text of a scalar node; anything else is reported.
    [[nodiscard]] std::optional<std::string_view> scalar(const YamlNode& node) const;
    /// The elements of a list; a single scalar counts as a list of one. Anything else is reported.
    [[nodiscard]] std::vector<const YamlNode*> elements(std::string_view key) const;
    [[nodiscard]] std::vector<const YamlNode*> elements(const YamlNode& node) const;

    void report(const YamlNode& node, std::string reason) const;
    /// Reports a word that is not among `known`, with the nearest.
    void refuse_word(const YamlNode& node, std::string_view word,
                     const std::vector<std::string_view>& known) const;

  private:
    void refuse_unknown_keys(std::initializer_list<std::string_view> keys) const;
    template <typename T>
    std::optional<T> parsed(std::string_view key, Parsed<T> (*parse)(std::string_view)) const;

    const YamlNode& node_;
    std::string_view what_;
    Mistakes& mistakes_;
};

}  // namespace turnpike::catalog
