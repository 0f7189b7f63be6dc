// Name patterns in the languages of proxies and filters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnpike::catalog {

/// An extended regular expression for the whole of each name that the pattern covers.
std::string name_expression(std::string_view pattern);

/// Whether each name that `narrow` covers is also covered by `wide`, another pattern; only where
/// the text shows it.
bool name_covers(std::string_view wide, std::string_view narrow) noexcept;

/// Patterns as Squid's dstdomain takes them, and those that it cannot express.
struct Domains {
    std::vector<std::string> list;  ///< "a.example.com", or ".example.com" for it and all below
    std::vector<std::string> others;
};
/// Sorted, without what another domain of the list covers: Squid refuses such lists.
Domains domains_of(const std::vector<std::string>& patterns);

}  // namespace turnpike::catalog
