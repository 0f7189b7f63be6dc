// Which rows of a kind are handed over by a harvest, and which are let go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "turnpike/facts/kinds.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::inspect {

/// What became of a flow since the last harvest, beside its packets.
enum class FlowChange : std::uint8_t { none, turned, over };

struct HarvestRound {
    std::span<const FlowChange> flows;  ///< by index
    std::uint64_t harvested = 0;        ///< the last packet of the harvest before
    base::Timestamp now;
};

/// Copies the rows that are new or changed, and frees the places of those that nothing can change
/// any more.
template <typename Kind>
void harvest_rows(const HarvestRound& round, auto& observation, auto& slots,
                  HarvestedRows<Kind>& harvest) {
    auto& rows = Kind::rows(observation);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.id == 0) {
            continue;
        }
        auto& flow = observation.flows[row.flow];
        const FlowChange change = round.flows[row.flow];
        const bool is_news = change != FlowChange::none || Kind::changed_by(row) > round.harvested;
        if (change != FlowChange::over && !Kind::is_settled(row, round.now)) {
            if (is_news) {
                harvest.push_back({flow.id, row});
            }
            continue;
        }
        if constexpr (facts::is_listed_by_flow<Kind>) {
            if (change != FlowChange::over) {
                std::erase(Kind::of_flow(flow.rare.make()), i);
            }
        }
        auto taken = slots.template take<Kind>(observation, i);
        if (is_news) {
            harvest.push_back({flow.id, std::move(taken)});
        }
    }
}

}  // namespace turnpike::inspect
