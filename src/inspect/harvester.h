// Keeps track of what changed between two harvests, and frees the places of what is over.
#pragma once

#include <cstdint>
#include <vector>

#include "context.h"
#include "datagram_inspector.h"
#include "harvest_rows.h"
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
    void forget_ended_streams();
    void bound_transactions(facts::Flow& flow);

    Context& context_;
    DatagramInspector& datagrams_;
    std::vector<FlowState*> changed_;
    std::vector<std::uint32_t> ended_;
    std::vector<FlowChange> change_of_;  ///< by index of the flow, during `collect`
    std::uint64_t harvested_ = 0;        ///< the last packet of the last harvest
};

}  // namespace turnpike::inspect
