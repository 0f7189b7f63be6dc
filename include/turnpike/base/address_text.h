// The text of addresses without an allocation, for rows.
#pragma once

#include <array>
#include <string_view>

#include "turnpike/base/ip_address.h"

namespace turnpike::base {

/// Room for the text of any address.
using AddressText = std::array<char, 48>;

/// Canonical text as of `to_string`; "" for no address. The view points into `text`.
std::string_view render(const IpAddress& address, AddressText& text) noexcept;

}  // namespace turnpike::base
