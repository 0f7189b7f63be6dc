// Loss counters, which a file may claim to be anything, and any number of them.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "turnpike/capture/source.h"

namespace turnpike::capture {

inline std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

/// Adds a loss to those of one batch. Where a file counts losses instead of delivering frames the
/// last one takes in all that follow: it says no less then, only less exactly.
void note_loss(std::vector<Loss>& losses, const Loss& loss);

}  // namespace turnpike::capture
