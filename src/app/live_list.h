// `turnpike live --list`.
#pragma once

#include "turnpike/base/error.h"

namespace turnpike::app {

/// Prints the interfaces and what each can do.
base::ExitStatus list_interfaces();

}  // namespace turnpike::app
