// The report of a process that has given up its privileges already.
#pragma once

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// What `turnpike report` does once it is confined.
base::ExitStatus report_confined(const ReportOptions& options);

}  // namespace turnpike::app
