// Which catalog and which of its revisions a command works with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/release.h"

namespace turnpike::app {

/// Where the user's own entries belong; empty if he has no home.
std::filesystem::path own_catalog_directory();

/// Where `catalog update` installs releases; empty if the user has no home.
std::filesystem::path updated_catalog_directory();

/// The release that a catalog directory is; nothing if it does not say.
std::optional<catalog::ReleaseNote> release_of(const std::filesystem::path& directory);

/// The built-in catalog, or an installed release that is newer and of a format that this program
/// reads. Throws base::Error (cannot_open) if there is neither.
std::filesystem::path base_catalog();

/// The places to load from: `directories` behind the built-in public names; without any
/// base_catalog() and behind it the user's own, if there are entries in turnpike/catalog of his
/// configuration folder. Throws base::Error.
std::vector<std::filesystem::path> catalog_places(
    const std::vector<std::filesystem::path>& directories);

/// Loads the places that `catalog_places` names. Where an installed release cannot be read the
/// built-in catalog takes its place, and standard error says so. Throws base::Error.
catalog::Catalog load_catalog(const std::vector<std::filesystem::path>& directories);

/// "NAME=VALUE" words as settings. Throws base::Error (usage).
catalog::Settings parse_settings(const std::vector<std::string>& words);

/// The revisions that the selectors name and those they include, each once; every current revision
/// if there are none. Throws base::Error (usage) for a selector that names nothing.
std::vector<const catalog::Revision*> choose_revisions(const catalog::Catalog& catalog,
                                                       const std::vector<std::string>& selectors);

}  // namespace turnpike::app
