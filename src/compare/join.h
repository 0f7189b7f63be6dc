// Which flow of the outer capture is which flow of the inner one.
#pragma once

#include <cstdint>
#include <vector>

#include "compare/clock.h"
#include "turnpike/compare/compare.h"

namespace turnpike::compare {

/// The outer flows of each inner flow, by index, in order of time.
struct Join {
    std::vector<std::vector<std::uint32_t>> outer;  ///< by inner flow
    std::uint64_t only_outside = 0;                 ///< outer flows that belong to none

    [[nodiscard]] std::uint64_t joined() const noexcept;
};

/// Packets that stand out in both captures, each once, flow by flow of the inner capture.
std::vector<Pair> find_pairs(const Side& inside, const Side& outside);

/// Flows that share packets; then flows to the same place at the same time, where something in
/// between speaks for its own: the same client address or port, or the same server name.
Join join(const Side& inside, const Side& outside, const Clock& clock);

}  // namespace turnpike::compare
