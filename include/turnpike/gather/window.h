// The recent facts of a live run: what the workers' inspectors hand over, merged, until it is
// stored and nothing can rest on it any more.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "turnpike/facts/facts.h"
#include "turnpike/facts/kinds.h"
#include "turnpike/gather/row_window.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::gather {

/// Indexes of rows of one kind, ascending.
template <typename Kind>
using RowIndexes = std::vector<std::uint32_t>;
/// For each row of one kind, by index: whether it stays.
template <typename Kind>
using RowMask = std::vector<bool>;

/// Which places of the observation hold something new since the last commit.
struct Changed {
    std::vector<std::uint32_t> flows;
    facts::EachKind<RowIndexes> rows;
};

/// What stays in the window, by index.
struct Kept {
    std::vector<bool> flows;        ///< rows of a flow go with it, unless they outlive it
    facts::EachKind<RowMask> rows;  ///< empty: all of them
};

/// What the database before tells of, by index.
using Told = Kept;

/// Facts get ids of the run here: rounds are merged in order of time, so that ids do not depend on
/// the number of workers.
class Window {
  public:
    /// Merges what the workers (by index) harvested at the same time of the capture.
    void accept(std::span<inspect::Harvest> harvests);
    /// The clock of the capture is at least there, even if no packet came.
    void advance(base::Timestamp now) noexcept;

    /// Dense: every element is a fact of now.
    [[nodiscard]] const facts::Observation& observation() const noexcept { return observation_; }
    /// The observation's, to add what only the run knows, such as drops.
    [[nodiscard]] facts::CaptureQuality& quality() noexcept { return observation_.quality; }
    /// The flow is not followed any more.
    [[nodiscard]] bool ended(std::uint32_t flow) const noexcept { return ended_[flow]; }
    /// Flows of the window that the workers still follow.
    [[nodiscard]] std::uint64_t flows_followed() const noexcept { return followed_; }
    /// Flows that were seen since the run began, those that left the window included.
    [[nodiscard]] std::uint64_t flows_seen() const noexcept { return flows_.last_id; }

    /// What `committed` has not been told of yet.
    [[nodiscard]] Changed changed() const;
    /// Everything that `changed` names was stored.
    void committed();
    /// Drops what is not kept; everything else moves up, in order.
    void drop(const Kept& kept);
    /// A new run begins with what is in the window: ids start at 1 again, everything is new but
    /// what was `told` before. That waits, with its rows, until there is news of it.
    void restart(const Told& told = {});
    /// The flow is only there for what others rest on: the run before told of it, and nothing has
    /// become of it since.
    [[nodiscard]] bool told(std::uint32_t flow) const noexcept;
    /// The same of all flows, by index.
    [[nodiscard]] const std::vector<bool>& told_flows() const noexcept { return flows_.told; }
    /// The same of the rows of one kind.
    template <typename Kind>
    [[nodiscard]] const std::vector<bool>& told_rows() const noexcept {
        return rows_.of<Kind>().list().told;
    }
    /// The new run tells of the flow as well.
    void tell_again(std::uint32_t flow) { flows_.told[flow] = false; }

  private:
    void accept_flows(std::span<inspect::Harvest> harvests);
    void update_flow(std::uint32_t index, inspect::HarvestedFlow& harvested);
    void accept_rows(std::span<inspect::Harvest> harvests);
    void accept_quality(std::span<inspect::Harvest> harvests);
    /// New indexes of flows by old ones.
    std::vector<std::uint32_t> drop_flows(const std::vector<bool>& kept);
    void link_rows();

    facts::Observation observation_;
    WindowList flows_;
    std::vector<bool> ended_;  ///< flows, by index
    facts::EachKind<RowWindow> rows_;
    std::uint64_t followed_ = 0;
    std::uint64_t unseen_octets_ = 0;
};

}  // namespace turnpike::gather
