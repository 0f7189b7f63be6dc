// Text from a database made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::report {

/// Text that came from the network: octets outside printable ASCII become \xNN, so that nothing can
/// move a terminal's cursor, break a line or pretend to be another name. Backslashes stay: the
/// database holds its own escapes already.
std::string from_network(std::string_view text);

/// Text of the catalog: UTF-8 stays, control characters and ill-formed octets become \xNN.
std::string from_catalog(std::string_view text);

/// Cuts to `columns` characters, with "..." at the end if anything was lost.
std::string shortened(std::string_view text, std::size_t columns);

/// A list "a, b, c" with as many whole items as fit `columns` (at least one) and "and 3 more".
std::string shortened_list(std::string_view list, std::size_t columns);

/// Characters (code points) of UTF-8 text: what a terminal shows in as many columns.
std::size_t columns_of(std::string_view text) noexcept;

/// "1,234,567".
std::string grouped(std::uint64_t value);

/// "3 flows", "1 flow": the plural is made with "s".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace turnpike::report
