// Collects the flows and rows that changed since the last harvest, and forgets what is over.
#include "harvester.h"

#include <algorithm>

namespace turnpike::inspect {
namespace {

constexpr std::size_t most_open_transactions = 256;  // of one flow

}  // namespace

void Harvester::collect(std::uint64_t last_packet, base::Timestamp now, Harvest& harvest) {
    change_of_.assign(context_.observation.flows.size(), FlowChange::none);
    collect_flows(harvest);
    const HarvestRound round{change_of_, harvested_, now};
    harvest.rows.for_each([&]<typename Kind>(Kind, auto& rows) {
        harvest_rows<Kind>(round, context_.observation, context_.slots, rows);
    });
    forget_ended_streams();
    for (const std::uint32_t index : ended_) {
        context_.release<facts::FlowKind>(index);
    }
    ended_.clear();
    harvested_ = last_packet;
}

void Harvester::collect_flows(Harvest& harvest) {
    const auto& flows = context_.observation.flows;
    for (FlowState* const state : changed_) {
        if (!state->changed) {
            continue;  // ended meanwhile, and perhaps its place was taken
        }
        state->changed = false;
        datagrams_.record(*state);
        bound_transactions(*state->flow);
        harvest.flows.push_back({*state->flow, false});
        if (state->turned) {
            state->turned = false;
            change_of_[state->index] = FlowChange::turned;
        }
    }
    changed_.clear();
    for (const std::uint32_t index : ended_) {
        harvest.flows.push_back({flows[index], true});
        change_of_[index] = FlowChange::over;
    }
}

void Harvester::forget_transaction(std::uint32_t row) {
    const auto& rows = context_.observation.stun;
    std::erase(context_.observation.flows[rows[row].flow].rare.make().transactions, row);
    context_.release<facts::StunKind>(row);
}

// A client that asks in vain for days must not fill the memory; its oldest questions were
// harvested.
void Harvester::bound_transactions(facts::Flow& flow) {
    const auto& rows = context_.observation.stun;
    while (flow.rare->transactions.size() > most_open_transactions) {
        const auto oldest = std::ranges::find_if(flow.rare->transactions, [&](std::uint32_t row) {
            return rows[row].outcome != facts::StunOutcome::indication &&
                   facts::StunKind::changed_by(rows[row]) <= harvested_;
        });
        if (oldest == flow.rare->transactions.end()) {
            return;
        }
        forget_transaction(*oldest);
    }
}

// Sources that gave way to others, of flows that go on.
void Harvester::forget_ended_streams() {
    const auto& rows = context_.observation.rtp;
    for (const std::uint32_t i : context_.streams_ended) {
        if (rows[i].id != 0) {
            std::erase(context_.observation.flows[rows[i].flow].rare.make().streams, i);
            context_.release<facts::RtpKind>(i);
        }
    }
    context_.streams_ended.clear();
}

}  // namespace turnpike::inspect
