// The sections of a document once all of it is read: which names belong to which ports.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/import_drafts.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {

struct Section {
    std::vector<std::string> path;  ///< the headings above, the title first
    unsigned level = 0;
    std::size_t line = 0;
    std::vector<Draft> rows;   ///< with ports, or with places that a table names
    std::vector<Draft> lists;  ///< places that stand in lists, without ports
    std::string prose;         ///< in lower case
    std::map<std::string, std::string> footnotes;  ///< by their marks
    std::set<std::string> marks;                   ///< of footnotes, as rows bear them
    bool any_without_wildcards = false;
    std::optional<Draft> simplex;
    std::vector<PortItem> simplex_ports;
    std::string use_instead;  ///< not empty: cannot be allow-listed
};

/// More rows than any vendor's page has; of more, comparing each with each would take too long.
constexpr std::size_t most_rows = 1000;

/// What stands directly above the section; empty without a heading.
std::string heading_of(const Section& section);
/// Has rows, or says what to use in their place.
bool says_something(const Section& section);
/// Media between participants goes to any address, on whatever high port ICE finds.
bool goes_between_participants(const std::vector<Section>& sections);

/// Adds the places of `more` that `into` does not have.
void join(Places& into, const Places& more);

std::vector<ImportedProduct> products_of(std::vector<Section> sections);

}  // namespace turnpike::catalog
