// JSON of a feed, read member by member with the place of every mistake.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "catalog/import_readers.h"

namespace turnpike::catalog {

/// The value that a text is; nothing after a mistake was noted.
std::optional<boost::json::value> parse_json(std::string_view text, ImportMistakes& mistakes);

/// An object of the feed whose members are asked for by name.
class JsonNode {
  public:
    JsonNode(const boost::json::value& value, std::string place, ImportMistakes& mistakes);
    explicit operator bool() const noexcept { return object_ != nullptr; }

    /// Members beside these are warned of, each name once a feed.
    void warn_of_others(std::initializer_list<std::string_view> names,
                        std::set<std::string>& warned) const;
    /// Text or a number; "" if absent.
    [[nodiscard]] std::string text(const char* name) const;
    [[nodiscard]] bool truth(const char* name) const;
    /// Calls `each` with every element and its place.
    void elements(
        const char* name,
        const std::function<void(const boost::json::value&, const std::string&)>& each) const;
    void report(const std::string& name, const std::string& reason) const;

  private:
    const boost::json::object* object_;
    std::string place_;
    ImportMistakes& mistakes_;
};

/// Adds a network to a row, or notes what is wrong with it.
void add_network(ImportedRule& rule, std::string_view text, const std::string& place,
                 ImportMistakes& mistakes);

}  // namespace turnpike::catalog
