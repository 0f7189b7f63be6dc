// One document over HTTPS, within limits. libcurl is loaded when the first one is fetched: with
// everything it needs it would add 8 ms to each start of the program, and code that reads the
// network to processes that read captures.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "turnpike/base/time.h"

namespace turnpike::app {

/// What a server may cost us.
struct FetchLimits {
    std::size_t octets = std::size_t{32} << 20U;  ///< unpacked
    std::chrono::seconds time{60};                ///< for everything
    std::filesystem::path authorities;  ///< PEM file to trust instead of the system's; empty: those
};

struct Fetched {
    bool unchanged = false;  ///< the server says that `etag` is still right; no text then
    std::string text;
    std::string etag;                        ///< empty: none
    std::optional<base::Timestamp> changed;  ///< Last-Modified (RFC 9110 8.8.2)
};

/// GET of an https address. At most three redirects, to https only; the certificate must hold.
/// `etag`: of what is there already; empty: none. "{guid}" in the address stands for a new random
/// UUID. Throws base::Error: usage (no https), cannot_open (no answer, a bad certificate, another
/// status than 200 and 304), io_error (it broke off, or took too long), bad_input (too large).
Fetched fetch(const std::string& address, const std::string& etag, const FetchLimits& limits);

}  // namespace turnpike::app
