// What an observation gave up to stay within its memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// The entries of CaptureQuality::problems that count what was let go, by kind: "flow", "dns" ...
inline constexpr std::string_view given_up_reason = "given up to stay within the memory bound";

/// How many flows, and rows of other kinds, were given up.
struct GivenUp {
    std::uint64_t flows = 0;
    std::uint64_t rows = 0;
    /// Something was given up: what is missing here may have been seen.
    [[nodiscard]] bool any() const noexcept { return flows > 0 || rows > 0; }
};
/// The sums of what CaptureQuality::problems says under `given_up_reason`.
GivenUp given_up(const CaptureQuality& quality) noexcept;

}  // namespace turnpike::facts
