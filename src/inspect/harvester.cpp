// Collects the flows and rows that changed since the last harvest, and forgets what is over.
#include "harvester.h"

#include <algorithm>
#include <vector>

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

// A client that asks in vain for days must not fill the memory; its oldest questions were
// harvested.
void Harvester::bound_transactions(facts::Flow& flow) {
    const std::size_t count = flow.rare->transactions.size();
    if (count <= most_open_transactions) {
        return;
    }
    const auto& rows = context_.observation.stun;
    std::size_t too_many = count - most_open_transactions;
    std::erase_if(flow.rare.make().transactions, [&](std::uint32_t row) {
        const bool goes = too_many > 0 && rows[row].outcome != facts::StunOutcome::indication &&
                          facts::StunKind::changed_by(rows[row]) <= harvested_;
        if (goes) {
            --too_many;
            context_.release<facts::StunKind>(row);
        }
        return goes;
    });
}

// Sources that gave way to others, of flows that go on.
void Harvester::forget_ended_streams() {
    const auto& rows = context_.observation.rtp;
    const auto is_released = [&rows](std::uint32_t i) { return rows[i].id == 0; };
    std::vector<std::uint32_t> flows;
    for (const std::uint32_t i : context_.streams_ended) {
        if (!is_released(i)) {
            flows.push_back(rows[i].flow);
            context_.release<facts::RtpKind>(i);
        }
    }
    context_.streams_ended.clear();
    std::ranges::sort(flows);
    const auto repeated = std::ranges::unique(flows);
    flows.erase(repeated.begin(), repeated.end());
    for (const std::uint32_t flow : flows) {
        std::erase_if(context_.observation.flows[flow].rare.make().streams, is_released);
    }
}

}  // namespace turnpike::inspect
