#include "turnpike/facts/given_up.h"

#include <algorithm>

namespace turnpike::facts {

std::uint64_t flows_given_up(const CaptureQuality& quality) noexcept {
    const auto found = std::ranges::find_if(quality.problems, [](const DecodeCount& problem) {
        return problem.reason == given_up_reason && problem.protocol == "flow";
    });
    return found == quality.problems.end() ? 0 : found->count;
}

}  // namespace turnpike::facts
