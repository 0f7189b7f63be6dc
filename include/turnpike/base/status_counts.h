// How many requirements have each status, as reports and displays tell it.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnpike::base {

/// A count for each word of the column `status`.
struct StatusCounts {
    std::uint64_t observed = 0;
    std::uint64_t blocked = 0;
    std::uint64_t inconclusive = 0;
    std::uint64_t unmatched = 0;

    /// Counts one more; what is no status counts as unmatched.
    constexpr void add(std::string_view status) noexcept {
        ++(status == "observed"       ? observed
           : status == "blocked"      ? blocked
           : status == "inconclusive" ? inconclusive
                                      : unmatched);
    }
    /// Anything was seen.
    [[nodiscard]] constexpr bool seen() const noexcept {
        return observed + blocked + inconclusive != 0;
    }
};

}  // namespace turnpike::base
