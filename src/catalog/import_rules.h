// The rules that the rows of a document's sections make.
#pragma once

#include <vector>

#include "catalog/import_sections.h"

namespace turnpike::catalog {

/// In document order. `with_path`: the rules are called after the headings above them, too.
std::vector<ImportedRule> rules_of(const std::vector<Section>& sections, bool with_path);

}  // namespace turnpike::catalog
