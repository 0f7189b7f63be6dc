// `turnpike catalog export`: rules for a firewall, from the catalog or from a run.
#pragma once

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// Prints what the chosen requirements need in the firewall that `options.format` names; with a
/// result database only the blocked ones of a run. Throws base::Error.
base::ExitStatus export_rules(const CatalogOptions& options);

}  // namespace turnpike::app
