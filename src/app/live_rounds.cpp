// Collects what the workers deliver until all of them have reached the same time.
#include "app/live_rounds.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnpike::app {

namespace {

using namespace std::chrono_literals;

// Longer than anybody judges: whoever takes nothing for so long has gone.
constexpr auto patience_with_takers = 60s;

std::size_t weight_of(const inspect::Harvest& harvest) noexcept {
    std::size_t weight = harvest.flows.size() * sizeof(inspect::HarvestedFlow);
    harvest.rows.for_each([&]<typename Kind>(Kind, const auto& rows) {
        weight += rows.size() * sizeof(typename Kind::Row);
    });
    for (const auto& query : harvest.rows.of<facts::DnsKind>()) {
        weight += query.row.answers.size() * sizeof(facts::DnsAnswer) + query.row.data.size();
    }
    return weight;
}

}  // namespace

void merge(Round& round, Round&& later) {
    const auto append = [](auto& list, auto& more) {
        list.insert(list.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    };
    for (std::size_t i = 0; i < round.harvests.size(); ++i) {
        auto& harvest = round.harvests[i];
        auto& more = later.harvests[i];
        append(harvest.flows, more.flows);
        harvest.rows.for_each(
            [&]<typename Kind>(Kind, auto& rows) { append(rows, more.rows.template of<Kind>()); });
        harvest.quality = std::move(more.quality);
        harvest.flows_followed = more.flows_followed;
    }
    round.until = later.until;
}

void Rounds::deliver(std::size_t worker, base::Timestamp until, inspect::Harvest&& harvest,
                     bool final) {
    const std::size_t weight = weight_of(harvest);
    {
        std::unique_lock lock(mutex_);
        Lane& lane = lanes_[worker];
        taken_.wait_for(lock, patience_with_takers,
                        [&] { return lane.waiting.empty() || lane.weight + weight <= backlog_; });
        lane.waiting.push_back({until, std::move(harvest), weight});
        lane.weight += weight;
        lane.final = final;
    }
    delivered_.notify_one();
}

std::optional<Round> Rounds::take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    delivered_.wait_for(lock, patience, [this] { return next_round() || all_taken(); });
    const auto until = next_round();
    if (!until) {
        return std::nullopt;
    }
    Round round{*until, {}};
    for (Lane& lane : lanes_) {
        round.harvests.push_back(take_from(lane, *until));
    }
    taken_.notify_all();
    return round;
}

bool Rounds::over() {
    const std::lock_guard lock(mutex_);
    return all_taken();
}

bool Rounds::all_taken() const {
    return std::ranges::all_of(lanes_,
                               [](const Lane& lane) { return lane.final && lane.waiting.empty(); });
}

std::optional<base::Timestamp> Rounds::next_round() const {
    std::optional<base::Timestamp> next;
    for (const Lane& lane : lanes_) {
        if (lane.waiting.empty()) {
            if (!lane.final) {
                return std::nullopt;  // it may still deliver something earlier
            }
            continue;
        }
        next = std::min(next.value_or(lane.waiting.front().until), lane.waiting.front().until);
    }
    return next;
}

inspect::Harvest Rounds::take_from(Lane& lane, base::Timestamp until) {
    inspect::Harvest harvest;
    if (!lane.waiting.empty() && lane.waiting.front().until == until) {
        lane.weight -= lane.waiting.front().weight;
        harvest = std::move(lane.waiting.front().harvest);
        lane.waiting.pop_front();
        lane.quality = harvest.quality;
        lane.followed = harvest.flows_followed;
    } else {  // nothing new of this worker: it stands as it stood
        harvest.quality = lane.quality;
        harvest.flows_followed = lane.followed;
    }
    return harvest;
}

}  // namespace turnpike::app
