// The recent facts of a live run: what the workers' inspectors hand over, merged, until it is
// stored and nothing can rest on it any more.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "turnpike/facts/facts.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::gather {

/// Which places of the observation hold something new since the last commit.
struct Changed {
    std::vector<std::uint32_t> flows;
    std::vector<std::uint32_t> dns;
    std::vector<std::uint32_t> hellos;
    std::vector<std::uint32_t> stun;
    std::vector<std::uint32_t> rtp;
    std::vector<std::uint32_t> icmp;
};

/// What stays in the window.
struct Kept {
    std::vector<bool> flows;  ///< by index; rows of a flow go with it
    std::vector<bool> dns;
    std::vector<bool> stun;              ///< empty: all
    base::Timestamp transactions_since;  ///< answered Binding transactions that are older go
    base::Timestamp streams_since;       ///< RTP streams that were silent since then go
};

/// The flow of a DNS query whose flow is not in the window any more.
inline constexpr std::uint32_t no_flow = UINT32_MAX;

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
    [[nodiscard]] facts::CaptureQuality& quality() noexcept { return observation_.quality; }
    /// The flow is not followed any more.
    [[nodiscard]] bool ended(std::uint32_t flow) const noexcept { return flows_.ended[flow]; }
    [[nodiscard]] std::uint64_t flows_followed() const noexcept { return followed_; }
    /// Flows that were seen since the run began, those that left the window included.
    [[nodiscard]] std::uint64_t flows_seen() const noexcept { return flows_.last_id; }

    [[nodiscard]] Changed changed() const;
    /// Everything that `changed` names was stored.
    void committed();
    /// Drops what is not kept; everything else moves up, in order.
    void drop(const Kept& kept);
    /// A new run begins with what is in the window: ids start at 1 again, everything is new.
    void restart();

  private:
    /// What is known of the elements of one list beside the facts themselves, by index.
    struct Places {
        std::vector<std::uint64_t> key;  ///< worker and the worker's id
        std::vector<bool> changed;
        std::vector<bool> ended;                                        ///< of flows only
        boost::unordered_flat_map<std::uint64_t, std::uint32_t> index;  ///< by key
        std::uint64_t last_id = 0;

        std::uint32_t add(std::uint64_t new_key);
        void keep(const std::vector<bool>& kept);
        [[nodiscard]] std::vector<std::uint32_t> changed_indexes() const;
    };

    void accept_flows(std::span<inspect::Harvest> harvests);
    void update_flow(std::uint32_t index, inspect::HarvestedFlow& harvested);
    template <typename Row>
    void accept_rows(std::span<inspect::Harvest> harvests,
                     std::vector<inspect::HarvestedRow<Row>> inspect::Harvest::* list,
                     std::vector<Row>& rows, Places& places);
    void accept_quality(std::span<inspect::Harvest> harvests);
    template <typename Row, typename Keep>
    void drop_rows(std::vector<Row>& rows, Places& places, Keep keep);
    void link_rows();

    facts::Observation observation_;
    Places flows_;
    Places dns_;
    Places hellos_;
    Places stun_;
    Places rtp_;
    Places icmp_;
    std::vector<std::uint32_t> moved_;  ///< old index of a flow to new one, during `drop`
    std::uint64_t followed_ = 0;
    std::uint64_t unseen_octets_ = 0;
};

}  // namespace turnpike::gather
