// The sockets that HTTP servers listen on.
#pragma once

#include <string>
#include <string_view>

#include "turnpike/base/ip_address.h"

namespace turnpike::monitor {

/// Binds and listens, without blocking; a port 0 becomes the one that was given. `option` is named
/// in errors: base::Error (cannot_create).
int listen_at(std::string_view option, base::Endpoint& endpoint);

/// The same on a Unix socket. One that a dead process left is taken over; who may connect follows
/// from the umask and the folder.
int listen_at(std::string_view option, const std::string& path);

}  // namespace turnpike::monitor
