// `turnpike catalog update`: a signed release of the catalog in the place of the built-in one.
#pragma once

#include <filesystem>

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// Verifies, checks and installs a release into updated_catalog_directory().
base::ExitStatus update_catalog(const CatalogOptions& options);

}  // namespace turnpike::app
