// The part of a name that somebody registers: "sfu.whereby.com" -> "whereby.com".
#pragma once

#include <string>
#include <string_view>

namespace turnpike::catalog {

/// The registrable domain of a name (A-labels, lower case) by the Public Suffix List that libpsl
/// ships; empty if the name is itself a public suffix or has a single label. About a microsecond a
/// call.
std::string registrable_domain(std::string_view name);

}  // namespace turnpike::catalog
