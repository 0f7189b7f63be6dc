// Reads the entries of public-names.yaml one by one.
#include "catalog/public_names_reader.h"

#include <utility>

#include "catalog/map_reader.h"

namespace turnpike::catalog {
namespace {

void read_name(const YamlNode& node, Mistakes& mistakes, std::vector<NamePattern>& names) {
    const MapReader map(node, "a public name", {"name", "note", "location", "read_on"}, mistakes);
    const auto* name = map.require("name");
    const auto text = name == nullptr ? std::nullopt : map.scalar(*name);
    auto note = map.text("note");
    // Where and when it was read are for people; they must be there, and in order.
    static_cast<void>(map.required_text("location"));
    static_cast<void>(map.day("read_on"));
    if (!text) {
        return;
    }
    if (auto pattern = parse_name_pattern(*text)) {
        names.push_back({std::move(*pattern), std::move(note), true});
    } else {
        map.report(*name, pattern.error());
    }
}

}  // namespace

std::vector<NamePattern> read_public_names(const std::string& text, Mistakes& mistakes) {
    std::vector<NamePattern> names;
    const YamlDocument document(text, mistakes);
    if (document.root() == nullptr) {
        return names;
    }
    const MapReader map(*document.root(), "a file of public names", {"public_ech_names"}, mistakes);
    if (map.require("public_ech_names") != nullptr) {
        for (const auto* element : map.elements("public_ech_names")) {
            read_name(*element, mistakes, names);
        }
    }
    return names;
}

}  // namespace turnpike::catalog
