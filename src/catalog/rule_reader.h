// From the YAML of one rule to the rule; the format is described in catalog/README.md.
#pragma once

#include <vector>

#include "catalog/mistakes.h"
#include "catalog/yaml_document.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// A rule as the file has it. What is wrong goes to `mistakes`; the rule is then partial.
Rule read_rule(const YamlNode& node, Mistakes& mistakes);

}  // namespace turnpike::catalog
