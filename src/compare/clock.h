// How the clocks of two captures differ.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "turnpike/base/time.h"
#include "turnpike/facts/crossing.h"

namespace turnpike::compare {

/// One packet that both captures have.
struct Pair {
    base::Timestamp inside;
    base::Timestamp outside;
    bool outward = true;  ///< sent by the client, so seen inside first
    int hops = 0;         ///< hop count inside minus that outside
};

/// The outer clock against the inner one.
struct Clock {
    base::Timestamp at;  ///< by the inner clock: where the offset was measured
    base::Duration offset{};
    base::Duration uncertainty{};
    double drift = 0;
    std::uint64_t pairs = 0;  ///< that it rests on: those too far off are none

    [[nodiscard]] base::Timestamp inside(base::Timestamp outside) const noexcept;
};

/// The offset lies between the largest difference of inward packets and the smallest of outward
/// ones, since nothing arrives before it was sent (as in RFC 5905 8, with the quickest packet each
/// way in place of one exchange); its change over windows of time is the drift. Nothing if there
/// are no pairs.
std::optional<Clock> estimate_clock(std::vector<Pair> pairs);

}  // namespace turnpike::compare
