// Adds up what an observation gave up, for reports.
#include "turnpike/facts/given_up.h"

namespace turnpike::facts {

bool is_given_up(std::string_view reason) noexcept {
    return reason == given_up_reason || reason == no_room_reason || reason == too_many_reason;
}

GivenUp given_up(const CaptureQuality& quality) noexcept {
    GivenUp sum;
    for (const auto& problem : quality.problems) {
        if (problem.reason == given_up_reason) {
            (problem.protocol == "flow" ? sum.flows : sum.rows) += problem.count;
        } else if (is_given_up(problem.reason)) {
            sum.packets_without_room += problem.count;
        }
    }
    return sum;
}

}  // namespace turnpike::facts
