// The command line of `turnpike catalog export`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace turnpike::app {

/// Whether the words behind `turnpike catalog` name the action export.
bool is_catalog_export(const std::vector<std::string>& words);

/// `words` as for is_catalog_export(). Nothing if only help was asked for, which has been printed
/// then. Throws base::Error (usage).
std::optional<CatalogOptions> parse_catalog_export(const std::vector<std::string>& words);

}  // namespace turnpike::app
