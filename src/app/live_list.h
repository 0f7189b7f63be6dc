// `turnpike live --list`: the interfaces that can be captured from.
#pragma once

#include "turnpike/base/error.h"

namespace turnpike::app {

/// Prints the interfaces and what each can do.
base::ExitStatus list_interfaces();

}  // namespace turnpike::app
