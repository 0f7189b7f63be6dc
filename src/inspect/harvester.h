// Keeps track of what changed between two harvests, and frees the places of what is over.
#pragma once

#include <cstdint>
#include <vector>

#include "context.h"
#include "datagram_inspector.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::inspect {

class Harvester {
  public:
    Harvester(Context& context, DatagramInspector& datagrams)
        : context_(context), datagrams_(datagrams) {}

    /// A packet of the flow was inspected. The state must stay where it is until the harvest, or be
    /// reset before.
    void changed(FlowState& state) {
        if (!state.changed) {
            state.changed = true;
            changed_.push_back(&state);
        }
    }
    /// The flow is not followed any more; its facts are brought up to date.
    void ended(const FlowState& state) { ended_.push_back(state.index); }

    /// Everything that changed, by the packets up to `last_packet`, by number. `now` is the clock
    /// of the capture.
    void collect(std::uint64_t last_packet, base::Timestamp now, Harvest& harvest);

  private:
    void collect_flows(Harvest& harvest);
    void collect_dns(base::Timestamp now, Harvest& harvest);
    void collect_hellos(Harvest& harvest);
    void collect_stun(base::Timestamp now, Harvest& harvest);
    void collect_streams(Harvest& harvest);
    void collect_icmp(Harvest& harvest);
    void forget_transaction(std::uint32_t row);
    void bound_transactions(facts::Flow& flow);
    /// The row's flow ended, or changed sides.
    [[nodiscard]] bool is_over(std::uint32_t flow) const { return state_of_[flow] == Place::over; }
    [[nodiscard]] bool is_news(const facts::PacketMark& mark, std::uint32_t flow) const {
        return mark.number > harvested_ || state_of_[flow] != Place::as_before;
    }

    enum class Place : std::uint8_t { as_before, turned, over };
    Context& context_;
    DatagramInspector& datagrams_;
    std::vector<FlowState*> changed_;
    std::vector<std::uint32_t> ended_;
    std::vector<Place> state_of_;  ///< by index of the flow, during `collect`
    std::uint64_t harvested_ = 0;  ///< the last packet of the last harvest
};

}  // namespace turnpike::inspect
