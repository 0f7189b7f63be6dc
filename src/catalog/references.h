// The settings that a rule's destinations speak of.
#pragma once

#include <string_view>
#include <vector>

namespace turnpike::catalog {

/// "customer:turn.host" gives "turn.host"; "" for references that no setting fills.
std::string_view setting_of(std::string_view reference) noexcept;

/// The names in braces of a pattern, in order; views into the pattern.
std::vector<std::string_view> placeholders_of(std::string_view pattern);

}  // namespace turnpike::catalog
