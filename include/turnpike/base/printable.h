// Text made safe to show, and fitted to the columns of a terminal or a report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnpike::base {

/// Text that came from the network: octets outside printable ASCII become \xNN, so that nothing can
/// move a terminal's cursor, break a line or pretend to be another name. Backslashes stay: what was
/// escaped once is not escaped again.
std::string from_network(std::string_view text);

/// Text of the catalog, and names of local files: UTF-8 stays; control characters, ill-formed
/// octets and characters that hide or reorder others become \xNN, line ends and tabs spaces.
std::string from_catalog(std::string_view text);

/// Columns of a terminal that UTF-8 text takes: East Asian wide characters two, combining ones
/// none.
std::size_t columns_of(std::string_view text) noexcept;

/// Cuts to `columns` columns, with "..." at the end if anything was lost.
std::string shortened(std::string_view text, std::size_t columns);

/// A list "a, b, c" with as many whole items as fit `columns` (at least one) and "and 3 more".
std::string shortened_list(std::string_view list, std::size_t columns);

/// Octets of `text` that fit `columns`, at least one character: up to a space where one lies behind
/// the first word, else anywhere.
std::size_t fitting(std::string_view text, std::size_t columns) noexcept;

/// Lines of at most `width` columns, broken at spaces; a word that is longer is broken anywhere.
/// Lines after the first begin with `hang` spaces. After `most` lines the last one keeps all that
/// is left, however long that is.
std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t hang,
                                 std::size_t most = std::string_view::npos);

/// "1,234,567".
std::string grouped(std::uint64_t value);

/// "3 flows", "1 flow": the plural is made with "s".
std::string counted(std::uint64_t count, std::string_view noun);

/// "1.2 GB", "3.4 kB", "12 bytes": decimal units.
std::string volume(std::uint64_t octets);

/// "2 blocked, 5 observed": counts with the word behind each; zeros are left out.
std::string join_nonzero(std::initializer_list<std::pair<std::uint64_t, std::string_view>> counts);

}  // namespace turnpike::base
