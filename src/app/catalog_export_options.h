// The command line of `turnpike catalog export`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace turnpike::app {

/// `words` without the action's. Nothing if only help was asked for, which has been printed then.
/// Throws base::Error (usage).
std::optional<CatalogOptions> parse_catalog_export(const std::vector<std::string>& words);

}  // namespace turnpike::app
