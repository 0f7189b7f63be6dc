// Dealing an interface's frames to several packet sockets.
#pragma once

#include <span>
#include <string>

namespace turnpike::capture {

/// Makes packet sockets of one interface share its frames: each frame comes to the socket that
/// fanout_hash chooses, counted in the order of `sockets`. The kernel puts fragments of IPv4
/// together first, since only the first one shows what is inside a tunnel over UDP.
/// Throws base::Error (cannot_open).
void share_frames(const std::string& interface, std::span<const int> sockets);

}  // namespace turnpike::capture
