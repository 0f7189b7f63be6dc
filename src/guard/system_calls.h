// The system calls that are left to a running turnpike (seccomp(2)).
#pragma once

#include <string>
#include <vector>

#include "turnpike/guard/guard.h"

namespace turnpike::guard {

/// From now on every call that is not listed ends the process with SIGSYS, in all its threads.
/// Needs no_new_privs. False, with a reason, where the kernel has no seccomp.
bool filter_system_calls(const Needs& needs, std::vector<std::string>& missing);

}  // namespace turnpike::guard
