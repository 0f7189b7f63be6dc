// What a listener is called.
#pragma once

#include <cstdint>
#include <string>

#include "turnpike/capture/live.h"

namespace turnpike::capture {

/// The port that IANA registered for the tunnel.
std::uint16_t registered_port(MirrorListener::Kind kind) noexcept;
/// As parse_mirror_listener reads it.
std::string to_string(const MirrorListener& listener);

}  // namespace turnpike::capture
