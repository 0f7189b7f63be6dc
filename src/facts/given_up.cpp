// Adds up what an observation gave up, for reports.
#include "turnpike/facts/given_up.h"

namespace turnpike::facts {

GivenUp given_up(const CaptureQuality& quality) noexcept {
    GivenUp sum;
    for (const auto& problem : quality.problems) {
        if (problem.reason == given_up_reason) {
            (problem.protocol == "flow" ? sum.flows : sum.rows) += problem.count;
        }
    }
    return sum;
}

}  // namespace turnpike::facts
