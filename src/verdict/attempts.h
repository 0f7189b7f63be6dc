// Flows that failed and flows that worked, to be compared with each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "turnpike/base/time.h"

namespace turnpike::verdict {

/// Attempts must be this near in time to speak of the same state of the network.
inline constexpr base::Duration control_distance = std::chrono::seconds{60};

/// Indexes of flows of one observation, in order.
struct Attempts {
    std::vector<std::uint32_t> failed;  ///< to be explained by those that worked
    std::vector<std::uint32_t> worked;

    /// They say what can be shared at all: most of the others share nothing with any of them.
    [[nodiscard]] const std::vector<std::uint32_t>& fewer() const noexcept {
        return failed.size() < worked.size() ? failed : worked;
    }
};

}  // namespace turnpike::verdict
