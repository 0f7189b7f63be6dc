#include "catalog/references.h"

namespace turnpike::catalog {

std::string_view setting_of(std::string_view reference) noexcept {
    for (const std::string_view kind : {"customer:", "vendor-issued:"}) {
        if (reference.starts_with(kind)) {
            return reference.substr(kind.size());
        }
    }
    return {};
}

std::vector<std::string_view> placeholders_of(std::string_view pattern) {
    std::vector<std::string_view> found;
    for (auto open = pattern.find('{'); open != std::string_view::npos;
         open = pattern.find('{', open + 1)) {
        found.push_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
    }
    return found;
}

}  // namespace turnpike::catalog
