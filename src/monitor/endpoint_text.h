// How people write where something is served.
#pragma once

#include <expected>
#include <string_view>

#include "turnpike/base/ip_address.h"

namespace turnpike::monitor {

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or ":8080" (127.0.0.1); or what is wrong with
/// it, in words. Names are not looked up: this is about the machine itself.
std::expected<base::Endpoint, std::string_view> parse_endpoint(std::string_view text) noexcept;

/// The address in front of the port, which may be missing; brackets around IPv6 are taken off.
std::string_view host_of(std::string_view authority) noexcept;

}  // namespace turnpike::monitor
