// Hosts that a probe's command line names, and who it is to them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/probe/run.h"

namespace turnpike::app {

/// "HOST", "HOST:PORT", "ADDRESS", "[ADDRESS]:PORT": one endpoint for each address family that the
/// host has, as the system resolves it. Throws base::Error: usage for another text, cannot_open for
/// a name without an address. `option` is for the message.
std::vector<base::Endpoint> find_host(const std::string& text, std::uint16_t default_port,
                                      const char* option);

/// Refuses, without looking a name up, what find_host refuses as wrong usage.
void check_host(const std::string& text, const char* option);
/// The same of find_proxy.
void check_proxy(const std::string& text);

/// The first line of a file, user:password. Throws base::Error (cannot_open) without one.
probe::TurnUser find_user(const std::filesystem::path& credentials);

/// The proxy that the text names, with what the file says as basic credentials (RFC 7617). An
/// empty file name: without. Throws base::Error.
probe::Proxy find_proxy(const std::string& text, const std::filesystem::path& credentials);

}  // namespace turnpike::app
