// Reads a feed's JSON member by member, and reports mistakes with their place.
#include "catalog/import_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json/src.hpp>
#include <utility>

#include "catalog/syntax.h"

namespace turnpike::catalog {

namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view text, ImportMistakes& mistakes) {
    text = without_mark(text);
    json::stream_parser parser;
    json::error_code error;
    const auto read = parser.write_some(text.data(), text.size(), error);
    const bool behind = !error && !trim(text.substr(read)).empty();
    if (!error && !behind) {
        parser.finish(error);
    }
    if (error || behind) {
        const auto line =
            1 + std::count(text.begin(), text.begin() + static_cast<long>(read), '\n');
        mistakes.add_line(static_cast<std::size_t>(line),
                          behind ? "text behind the JSON value" : "is no JSON: " + error.message());
        return std::nullopt;
    }
    return parser.release();
}

JsonNode::JsonNode(const json::value& value, std::string place, ImportMistakes& mistakes)
    : object_(value.if_object()), place_(std::move(place)), mistakes_(mistakes) {
    if (object_ == nullptr) {
        report("", "must be an object; the feed may be of a newer format");
    }
}

void JsonNode::warn_of_others(std::initializer_list<std::string_view> names,
                              std::set<std::string>& warned) const {
    for (const auto& member : *object_) {
        const std::string name(member.key().data(), member.key().size());
        if (std::ranges::find(names, name) == names.end()) {
            warned.insert(name);
        }
    }
}

std::string JsonNode::text(const char* name) const {
    const auto* value = object_->if_contains(name);
    if (value == nullptr) {
        return {};
    }
    if (value->is_string()) {
        return std::string(value->get_string());
    }
    if (value->is_int64()) {
        return std::to_string(value->get_int64());
    }
    report(name, "must be text");
    return {};
}

bool JsonNode::truth(const char* name) const {
    const auto* value = object_->if_contains(name);
    if (value != nullptr && !value->is_bool()) {
        report(name, "must be true or false");
    }
    return value != nullptr && value->is_bool() && value->get_bool();
}

void JsonNode::elements(
    const char* name,
    const std::function<void(const json::value&, const std::string&)>& each) const {
    const auto* value = object_->if_contains(name);
    if (value == nullptr) {
        return;
    }
    if (!value->is_array()) {
        report(name, "must be a list");
        return;
    }
    std::size_t index = 0;
    for (const auto& element : value->get_array()) {
        each(element, fmt::format("{}{}[{}]", place_, name, index++));
    }
}

void JsonNode::report(const std::string& name, const std::string& reason) const {
    mistakes_.add_place(place_ + name, reason);
}

void add_network(ImportedRule& rule, std::string_view text, const std::string& place,
                 ImportMistakes& mistakes) {
    const auto prefixes = parse_network(text);
    if (!prefixes) {
        mistakes.add_place(place, prefixes.error());
        return;
    }
    rule.networks.insert(rule.networks.end(), prefixes->begin(), prefixes->end());
}

}  // namespace turnpike::catalog
