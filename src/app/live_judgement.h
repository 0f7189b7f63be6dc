// What a live run knows: recent facts, the verdicts on them, and the sums of what is gone.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "app/live_catalog.h"
#include "app/live_rounds.h"
#include "turnpike/gather/retention.h"
#include "turnpike/gather/window.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::app {

/// Used by one thread. Each round: `accept` what the workers hand over, `judge`, hand `pending` to
/// the database, and `stored` if that worked.
class LiveJudgement {
  public:
    /// `shared_names_need_support`: see verdict::EvaluateOptions.
    LiveJudgement(std::shared_ptr<const LiveCatalog> catalog, bool shared_names_need_support,
                  gather::Bounds bounds = {});

    /// From the next `judge` on. What was settled with the old one stands.
    void use(std::shared_ptr<const LiveCatalog> catalog) { next_catalog_ = std::move(catalog); }
    void accept(Round& round);
    /// `goes_on`: more is to come, so whatever is not answered yet is waiting. The last time it is
    /// false, before the run (the present database) ends.
    void judge(bool goes_on = true);
    /// More waits to be judged than there is room for.
    [[nodiscard]] bool is_due() const {
        return retention_.is_due(window_) || fresh_octets_ > most_fresh_octets_;
    }

    [[nodiscard]] const facts::Observation& observation() const noexcept {
        return window_.observation();
    }
    /// Of the last `judge`; points into the catalog and the observation.
    [[nodiscard]] const verdict::RunResult& result() const noexcept { return result_; }
    /// Since the run (the present database) began.
    [[nodiscard]] facts::CaptureQuality quality() const;
    [[nodiscard]] store::FlowCounts counts() const noexcept;
    /// Since the process began.
    [[nodiscard]] store::FlowCounts all_counts() const noexcept;
    [[nodiscard]] std::uint64_t flows_followed() const noexcept { return window_.flows_followed(); }
    /// Flows that ended, since the process began.
    [[nodiscard]] std::uint64_t flows_finished() const noexcept { return finished_; }
    /// Flows that had to leave memory before they could be stored.
    [[nodiscard]] std::uint64_t flows_unstored() const noexcept { return unstored_; }

    /// Indexes of flows that ended since the last call.
    [[nodiscard]] std::vector<std::uint32_t> take_finished();

    /// What the database does not have yet.
    struct Pending {
        gather::Changed facts;
        std::vector<std::uint32_t> verdicts;
    };
    [[nodiscard]] Pending pending() const;
    /// The database has what was pending: what nothing rests on any more leaves memory.
    void stored(const Pending& pending);
    /// The database could not take it: memory is kept within bounds all the same.
    void not_stored();
    /// A new database begins. It tells of flows that have a packet from now on, of what waits for
    /// an answer, and with these of what their verdicts rest on; the rest stands in the one before.
    void restart();

  private:
    /// What was published of a flow already.
    struct Published {
        std::uint64_t verdict = 0;  ///< fingerprint of the one that is stored; 0: none
        bool finished = false;
    };
    void evaluate(const LiveCatalog& catalog, bool goes_on);
    void settle(const gather::Kept& kept);
    void drop(const gather::Kept& kept);
    /// What the present database tells to the end, by index.
    [[nodiscard]] gather::Told told_by_now() const;

    std::shared_ptr<const LiveCatalog> catalog_;
    std::shared_ptr<const LiveCatalog> next_catalog_;
    bool shared_names_need_support_;
    gather::Retention retention_;
    gather::Window window_;
    verdict::Ledger ledger_;
    verdict::RunResult result_;
    facts::CaptureQuality baseline_;  ///< when the present database began
    facts::PacketMark last_packet_;   ///< of all that were accepted
    store::FlowCounts gone_;          ///< of flows that left memory
    store::FlowCounts earlier_;       ///< of flows that left memory and stand in databases before
    boost::unordered_flat_map<std::uint64_t, Published> published_;  ///< by the flow's id
    std::size_t most_fresh_octets_;
    std::size_t fresh_octets_ = 0;  ///< of queries, since something was dropped
    std::uint64_t finished_ = 0;
    std::uint64_t unstored_ = 0;
};

}  // namespace turnpike::app
