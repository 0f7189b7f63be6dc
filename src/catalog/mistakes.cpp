// Sorts mistakes by file and line, and prints them.
#include "catalog/mistakes.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace turnpike::catalog {

std::string to_string(const Mistake& mistake) {
    if (mistake.place.line == 0) {
        return fmt::format("{}: {}", mistake.file.string(), mistake.reason);
    }
    return fmt::format("{}:{}:{}: {}", mistake.file.string(), mistake.place.line,
                       mistake.place.column, mistake.reason);
}

void Mistakes::add(Place place, std::string reason) {
    mistakes_.push_back({file_, place, std::move(reason)});
}

std::vector<Mistake> Mistakes::sorted() const {
    auto sorted = mistakes_;
    std::ranges::stable_sort(sorted, {}, [](const Mistake& mistake) {
        return std::tuple{mistake.place.line, mistake.place.column};
    });
    return sorted;
}

}  // namespace turnpike::catalog
