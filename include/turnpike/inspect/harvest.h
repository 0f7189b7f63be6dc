// What an Inspector hands over while an observation goes on: copies of what changed, and for good
// what ended.
#pragma once

#include <cstdint>
#include <vector>

#include "turnpike/facts/facts.h"
#include "turnpike/facts/kinds.h"

namespace turnpike::inspect {

/// A flow as it is now. Its lists of rows (icmp, transactions, streams) mean nothing outside the
/// inspector: rows name their flow.
struct HarvestedFlow {
    facts::Flow flow;
    bool ended = false;  ///< it is not followed any more and will not be harvested again
};

/// A row that is new or changed; `row.id` tells rows of a kind apart, `row.flow` means nothing.
template <typename Row>
struct HarvestedRow {
    std::uint64_t flow = 0;  ///< Flow::id
    Row row;
};
/// The new and changed rows of one kind.
template <typename Kind>
using HarvestedRows = std::vector<HarvestedRow<typename Kind::Row>>;

/// What changed since the last harvest. Ids are those of one inspector.
struct Harvest {
    std::vector<HarvestedFlow> flows;
    facts::EachKind<HarvestedRows> rows;
    facts::CaptureQuality quality;     ///< since the start
    std::uint64_t flows_followed = 0;  ///< now
};

}  // namespace turnpike::inspect
