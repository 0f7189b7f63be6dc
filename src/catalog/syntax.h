// The small languages of a catalog entry: names, networks, ports, dates, versions. Each parser
// gives a value or the reason why there is none, in words for the person who wrote it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

template <typename T>
using Parsed = std::expected<T, std::string>;

/// A domain pattern in A-labels; upper case is lowered. URLs, addresses, ports and non-ASCII names
/// are refused with what to write instead.
Parsed<std::string> parse_name_pattern(std::string_view text);

/// "192.0.2.0/24", a single address, or a first-last pair, which becomes the fewest prefixes.
Parsed<std::vector<base::Prefix>> parse_network(std::string_view text);

/// "443", "5866-6000", "5866 - 6000" or "all" (1-65535). The transport is left alone.
Parsed<PortItem> parse_port_item(std::string_view text);

/// The item of a document that names a transport and no port: "unstated", every port.
PortItem unstated_port(Transport transport);

/// "2020-09-15".
Parsed<base::Timestamp> parse_day(std::string_view text);

/// A whole number in plain decimal digits.
Parsed<unsigned> parse_count(std::string_view text);

/// Lower case letters, digits, '-', '.', '_'; starts with a letter or digit.
Parsed<std::string> parse_identifier(std::string_view text);

/// Bounds on a version: ">=2.9.0", ">=4.0.0 <4.2.1", "1.x" is refused. Spaces behind the operators
/// are dropped.
Parsed<std::string> parse_version_bounds(std::string_view text);

/// True if the version lies within the bounds (which parse_version_bounds accepted). Compares
/// number by number; a missing number counts as 0.
bool version_within(std::string_view version, std::string_view bounds) noexcept;

/// A version number: digits and dots.
bool is_version(std::string_view text) noexcept;

std::string_view trim(std::string_view text) noexcept;

}  // namespace turnpike::catalog
