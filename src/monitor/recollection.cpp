// Keeps the last samples of a live run for rates, and its last events.
#include <algorithm>

#include "monitor/wording.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/terminal.h"

namespace turnpike::monitor {
namespace {

// Rates are those of the last five seconds: steady enough to read, quick enough to follow.
constexpr std::size_t most_samples = 6;
constexpr std::size_t most_events = 50;

}  // namespace

void Recollection::add(const State& state) {
    samples_.push_back({state.now, state.counters});
    for (const auto& notice : state.notices) {
        events_.push_back({state.now, Kind::notice, base::from_network(notice), {}});
    }
    auto changes = state.changes;
    std::ranges::stable_sort(changes, {}, &StatusChange::time);
    for (const auto& change : changes) {
        if (change.requirement >= state.requirements.size()) {
            continue;
        }
        const auto& requirement = state.requirements[change.requirement];
        events_.push_back(
            {change.time, requirement.status == "blocked" ? Kind::change_to_blocked : Kind::change,
             brief_change_text(change, requirement), base::from_network(requirement.evidence)});
    }
    while (samples_.size() > most_samples) {
        samples_.pop_front();
    }
    while (events_.size() > most_events) {
        events_.pop_front();
    }
}

}  // namespace turnpike::monitor
