// The command lines of `turnpike catalog refresh` and `turnpike catalog update`, the only actions
// that use the network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace turnpike::app {

/// `words` without the action's. Nothing if they only asked for help, which has been printed then.
/// Throws base::Error (usage).
std::optional<CatalogOptions> parse_catalog_refresh(const std::vector<std::string>& words);
std::optional<CatalogOptions> parse_catalog_update(const std::vector<std::string>& words);

}  // namespace turnpike::app
