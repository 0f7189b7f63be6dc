// The socket that the metrics server listens on.
#pragma once

#include "turnpike/monitor/metrics_server.h"

namespace turnpike::monitor {

/// Binds and listens, without blocking; a port 0 in `address` becomes the one that was given. A
/// Unix socket that a dead process left is taken over; who may connect follows from the umask and
/// the folder. Throws base::Error (cannot_create).
int listen_at(MetricsAddress& address);

}  // namespace turnpike::monitor
