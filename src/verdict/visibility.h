// The capture-quality gate: what this capture could not have seen.
#pragma once

#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/ledger.h"
#include "verdict/flow_digests.h"

namespace turnpike::verdict {

/// Of what this end sent only large segments were lost, and smaller ones arrived.
[[nodiscard]] inline bool only_large_lost(const facts::TcpEnd& sent) noexcept {
    return sent.smallest_segment_lost >= large_segment && sent.largest_segment_acked > 0 &&
           sent.largest_segment_acked < sent.smallest_segment_lost;
}

/// Says for which flows silence proves nothing.
class Visibility {
  public:
    explicit Visibility(const facts::Observation& observation);
    /// The same for whoever goes through the flows anyhow: `add` each, then `settle` with all.
    explicit Visibility(const facts::CaptureQuality& quality);
    void add(const facts::Flow& flow);
    void settle(const facts::Observation& observation, const FlowDigests& digests,
                const Ledger* past = nullptr);

    /// Only one direction of this client's traffic is in the capture, and it behaves as if
    /// answered.
    [[nodiscard]] bool one_sided(const base::IpAddress& client) const;
    /// The same of the flow's client; or its server, which spoke to others, is nowhere seen to
    /// speak.
    [[nodiscard]] bool one_sided(const facts::Flow& flow) const;
    /// Some client's traffic as a whole.
    [[nodiscard]] bool any_one_sided() const noexcept {
        return all_one_sided_ || !one_sided_.empty();
    }
    /// Some flow, be it that the rest of its client's traffic shows both directions.
    [[nodiscard]] bool any_flow_one_sided() const noexcept { return flow_one_sided_; }
    /// Some packet of some flow came back.
    [[nodiscard]] bool any_answer() const noexcept { return any_answer_; }
    /// Only one direction of this flow was seen, and the visible side behaves as if answered: its
    /// acknowledgements move, or it sends what can only follow an answer.
    static bool behaves_as_answered(const facts::Flow& flow) noexcept;
    /// The capture lost packets between these times, or at unknown times often enough to matter.
    [[nodiscard]] bool lost_between(base::Timestamp from, base::Timestamp to) const noexcept;
    [[nodiscard]] bool lossy() const noexcept { return lossy_throughout_; }
    /// Connections show that at least one segment in a hundred is missing from the capture, though
    /// no counter says so: one packet without an answer proves nothing.
    [[nodiscard]] bool loses_segments() const noexcept { return loses_segments_; }
    /// Segments of this client with so many octets of payload, or more, arrived in some flow. Asked
    /// for clients with a flow that lost large ones.
    [[nodiscard]] bool large_ones_arrive(const base::IpAddress& client, std::uint16_t octets) const;

  private:
    /// Flows of a client.
    struct Traffic {
        std::uint64_t answered = 0;
        std::uint64_t as_if_answered = 0;
    };
    void note_sides(const facts::Flow& flow);
    void note_missing_segments(const facts::Flow& flow);
    void note_large_ones_lost(const base::IpAddress& client);
    void note_other_side(const facts::Flow& flow);
    void find_large_ones(const facts::Observation& observation, const FlowDigests& digests,
                         const Ledger* past);

    /// Clients that behave as if answered. Of others, which a flood has by the million, nothing is
    /// kept.
    base::AddressMap<Traffic> clients_;
    std::uint64_t segments_seen_ = 0;
    std::uint64_t segments_missing_ = 0;
    base::AddressMap<std::uint16_t> largest_arrived_;  ///< of clients that lost large segments
    base::AddressSet one_sided_;                       ///< clients
    base::AddressSet unseen_;                          ///< hosts that spoke and were not captured
    std::vector<facts::Stretch> losses_;               ///< in order of time, none overlapping
    bool lossy_throughout_ = false;
    bool loses_segments_ = false;
    bool all_one_sided_ = false;  ///< of the whole capture
    bool flow_one_sided_ = false;
    bool any_answer_ = false;
};

}  // namespace turnpike::verdict
