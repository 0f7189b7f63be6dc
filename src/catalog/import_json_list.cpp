// A JSON document of a form that nobody promised: every network and name in it, by the members that
// lead there. {"sfu": {"eu": ["192.0.2.0/24"]}} gives the row "sfu eu".
#include <map>

#include <fmt/core.h>

#include "catalog/import_json.h"
#include "catalog/syntax.h"

namespace turnpike::catalog {
namespace {

namespace json = boost::json;

using Rows = std::map<std::string, ImportedRule>;

// Other text (descriptions, days, regions) is passed over: the document is not about it.
void read_text(std::string_view text, const std::string& row, Rows& rows) {
    const auto networks = parse_network(text);
    const bool like_name = text.find('.') != std::string_view::npos;
    const auto name = networks || !like_name ? Parsed<std::string>(std::unexpected(""))
                                             : parse_name_pattern(text);
    if (!networks && !name) {
        return;
    }
    auto& rule = rows[row];
    if (networks) {
        rule.networks.insert(rule.networks.end(), networks->begin(), networks->end());
    } else {
        rule.names.push_back({*name, "", false});
    }
}

// The parser refuses documents of more than 32 levels.
void read_value(const json::value& value, const std::string& row, Rows& rows) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            const auto word = slug({member.key().data(), member.key().size()});
            read_value(member.value(), row.empty() ? word : fmt::format("{} {}", row, word), rows);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array) {
            read_value(element, row, rows);
        }
    } else if (const auto* text = value.if_string()) {
        read_text(*text, row, rows);
    }
}

}  // namespace

Imported import_json_list(const std::string& text, ImportMistakes& mistakes) {
    auto imported = imported_list("imported", "imported", "imported list");
    Rows rows;
    if (const auto value = parse_json(text, mistakes)) {
        read_value(*value, "", rows);
    }
    for (auto& [words, rule] : rows) {
        rule.purpose = words.empty() ? "networks" : words;
        rule.id = slug(rule.purpose);
        imported.products.front().rules.push_back(std::move(rule));
    }
    return imported;
}

}  // namespace turnpike::catalog
