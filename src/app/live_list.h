// `turnpike live --list`: the interfaces that can be captured from.
#pragma once

#include "turnpike/base/error.h"
#include "turnpike/report/report.h"

namespace turnpike::app {

/// Prints the interfaces and what each can do, as text or json.
base::ExitStatus list_interfaces(report::Format format);

}  // namespace turnpike::app
