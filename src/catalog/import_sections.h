// The sections of a document once all of it is read: which names belong to which ports.
#pragma once

#include <map>
#include <optional>
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
    bool any_without_wildcards = false;
    std::optional<Draft> simplex;
    std::vector<PortItem> simplex_ports;
    std::string use_instead;  ///< not empty: cannot be allow-listed
};

/// Adds the places of `more` that `into` does not have.
void join(Places& into, const Places& more);

std::vector<ImportedProduct> products_of(std::vector<Section> sections);

}  // namespace turnpike::catalog
