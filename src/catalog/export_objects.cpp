// Gives every value a name of its own the first time it is used.
#include "catalog/export_objects.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "catalog/export_holes.h"

namespace turnpike::catalog {

ObjectNames::Named ObjectNames::name(std::string_view value) {
    if (const auto known = names_.find(value); known != names_.end()) {
        return {known->second, false};
    }
    auto whole = fmt::format("turnpike-{}", value);
    std::ranges::replace_if(
        whole, [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '-');
    auto name = shortened(whole, longest_);
    for (unsigned number = 2; !taken_.insert(name).second; ++number) {
        const auto end = fmt::format("-{}", number);
        name = shortened(whole, longest_ - end.size()) + end;
    }
    names_.emplace(value, name);
    return {name, true};
}

}  // namespace turnpike::catalog
