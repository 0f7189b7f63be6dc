// A plain list of networks, one a line; "#" starts a comment.
#include <algorithm>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"

namespace turnpike::catalog {

Imported import_cidrs(const std::string& text, ImportMistakes& mistakes) {
    auto imported = imported_list("imported", "imported", "imported list");
    ImportedRule rule;
    rule.id = "networks";
    rule.purpose = "networks";
    std::size_t number = 0;
    std::string_view rest = without_mark(text);
    while (!rest.empty()) {
        ++number;
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = trim(rest.substr(0, std::min(end, rest.find('#'))));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) {
            continue;
        }
        if (const auto prefixes = parse_network(line)) {
            rule.networks.insert(rule.networks.end(), prefixes->begin(), prefixes->end());
        } else {
            mistakes.add_line(number, prefixes.error());
        }
    }
    if (!rule.networks.empty()) {
        imported.products.front().rules.push_back(std::move(rule));
    }
    return imported;
}

}  // namespace turnpike::catalog
