// `turnpike catalog refresh`: vendors' machine-readable lists as new revisions of one's own
// catalog.
#pragma once

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// Fetches, shows what changes, asks and writes. A feed that fails does not keep the others from
/// being refreshed; the status is that of the first failure.
base::ExitStatus refresh_feeds(const CatalogOptions& options);

}  // namespace turnpike::app
