// Names in DNS messages, compressed or not: RFC 1035 3.1 and 4.1.4.
#pragma once

#include <cstddef>
#include <string>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto {

inline constexpr std::size_t dns_header_size = 12;  ///< RFC 1035 4.1.1

/// Follows the name at `offset` to its end, through every pointer, and returns the offset behind
/// its own octets (a pointer takes two). Errors: truncated, bad_value (a label type that is neither
/// a label nor a pointer, a pointer that does not go backwards), limit (over 255 octets).
base::Result<std::size_t> end_of_name(base::Bytes message, std::size_t offset) noexcept;

/// Appends the name that `end_of_name` accepted at `offset`, without compression.
void append_plain_name(base::Bytes message, std::size_t offset, std::string& out);

}  // namespace turnpike::proto
