// The keys of rows.
#pragma once

#include <cstdint>

namespace turnpike::store {

/// Every row's key is its run in the upper half and its number within the run in the lower one:
/// rows of a run lie together, every insert appends, no second index is needed and a flow is found
/// by one integer.
constexpr std::int64_t row_key(std::int64_t run, std::uint64_t number) noexcept {
    return (run << 32) | static_cast<std::int64_t>(number & 0xffff'ffffU);
}

/// The number that a key was made of.
constexpr std::uint64_t number_of(std::int64_t key) noexcept {
    return static_cast<std::uint64_t>(key) & 0xffff'ffffU;
}

}  // namespace turnpike::store
