// What an audit still needs once it has begun.
#pragma once

#include "app/probe_command.h"
#include "turnpike/guard/guard.h"

namespace turnpike::app {

/// Sockets for its attempts, the packet socket it reads, the folder of its database, and the
/// certification authorities, which OpenSSL reads as it needs them.
guard::Needs needs_of_probe(const ProbeCommand& command);

}  // namespace turnpike::app
