// `turnpike catalog import`: other people's lists and documents as entries.
#pragma once

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// Makes a vendor's file of a list. If the output exists, it is left alone, the difference is
/// printed and the status is cannot_create. Throws base::Error.
base::ExitStatus import_file(const CatalogOptions& options);

}  // namespace turnpike::app
