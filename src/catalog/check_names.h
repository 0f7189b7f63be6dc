// Whose a name is: what `catalog check` says of names that are not the vendor's own.
#pragma once

#include <string_view>
#include <vector>

#include "turnpike/catalog/check.h"

namespace turnpike::catalog {

/// True if the pattern stands for more than one name.
bool is_wildcard(std::string_view pattern) noexcept;

/// What stands behind the last star, or behind a leading dot: "example.com" of "*.example.com".
std::string_view literal_domain(std::string_view pattern) noexcept;

/// True if the pattern has no label of its own above `domain`: "*.cloud.net", "{bucket}.cloud.net",
/// not "turn.{region}.cloud.net".
bool takes_all_of(std::string_view pattern, std::string_view domain) noexcept;

/// True for domains under which one provider serves many customers: those of the Public Suffix
/// List's private section, and more.
bool is_shared_cloud(std::string_view domain);

/// True if the pattern is no vendor's own: it takes all of such a domain, or belongs to a domain
/// that every network has traffic to, and whose owner `vendor` is not.
bool is_for_many(std::string_view pattern, std::string_view vendor);

/// Names that are somebody else's and do not say `shared: true`: those of a company that everybody
/// meets, and those that stand in another vendor's file as its own. A vendor that includes the
/// other's product is built on it and may name its names.
void check_owners(const Catalog& catalog, std::vector<Finding>& findings);

/// Aliases that mean two things.
void check_aliases(const Catalog& catalog, std::vector<Finding>& findings);

}  // namespace turnpike::catalog
