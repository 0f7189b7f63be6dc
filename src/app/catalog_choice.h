// Which catalog and which of its revisions a command works with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"

namespace turnpike::app {

/// The places to load from: `directories` behind the built-in public names; without any the
/// built-in catalog and behind it the user's own, if there are entries in turnpike/catalog of his
/// configuration folder. Throws base::Error.
std::vector<std::filesystem::path> catalog_places(
    const std::vector<std::filesystem::path>& directories);

/// Loads the places that `catalog_places` names. Throws base::Error.
catalog::Catalog load_catalog(const std::vector<std::filesystem::path>& directories);

/// "NAME=VALUE" words as settings. Throws base::Error (usage).
catalog::Settings parse_settings(const std::vector<std::string>& words);

/// The revisions that the selectors name and those they include, each once; every current revision
/// if there are none. Throws base::Error (usage) for a selector that names nothing.
std::vector<const catalog::Revision*> choose_revisions(const catalog::Catalog& catalog,
                                                       const std::vector<std::string>& selectors);

}  // namespace turnpike::app
