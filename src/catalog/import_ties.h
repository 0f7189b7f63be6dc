// Rows of one section whose places stand in another.
#pragma once

#include <vector>

#include "catalog/import_sections.h"

namespace turnpike::catalog {

/// Gives rows without places those of the section that speaks of them, by its heading or by their
/// ports; what was said twice is one row then.
void tie(std::vector<Section>& sections);

}  // namespace turnpike::catalog
