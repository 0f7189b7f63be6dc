#include "harvester.h"

#include <algorithm>

namespace turnpike::inspect {
namespace {

using namespace std::chrono_literals;

// A second answer to a query comes within seconds if at all, and so does an answer to one that
// nobody repeats: stubs give up after 5 to 30 s (resolv.conf(5)).
constexpr base::Duration answered_query_kept = 5s;
constexpr base::Duration open_query_kept = 30s;
// The last retransmission waits 16 RTO after 31.5 s in all (RFC 8489 6.2.1).
constexpr base::Duration answered_transaction_kept = 40s;
constexpr std::size_t most_open_transactions = 256;  // of one flow

facts::PacketMark latest(const facts::PacketMark& a, const facts::PacketMark& b) noexcept {
    return a.number > b.number ? a : b;
}

}  // namespace

void Harvester::collect(std::uint64_t last_packet, base::Timestamp now, Harvest& harvest) {
    state_of_.assign(context_.observation.flows.size(), Place::as_before);
    collect_flows(harvest);
    collect_dns(now, harvest);
    collect_hellos(harvest);
    collect_stun(now, harvest);
    collect_streams(harvest);
    collect_icmp(harvest);
    for (const std::uint32_t index : ended_) {
        context_.release(context_.observation.flows, context_.flow_places, index);
    }
    ended_.clear();
    harvested_ = last_packet;
}

void Harvester::collect_flows(Harvest& harvest) {
    auto& flows = context_.observation.flows;
    for (FlowState* const state : changed_) {
        if (!state->changed) {
            continue;  // ended meanwhile, and perhaps its place was taken
        }
        state->changed = false;
        datagrams_.record(*state);
        bound_transactions(*state->flow);
        datagrams_.summarize(*state->flow);
        harvest.flows.push_back({*state->flow, false});
        if (state->turned) {
            state->turned = false;
            state_of_[state->index] = Place::turned;
        }
    }
    changed_.clear();
    for (const std::uint32_t index : ended_) {
        datagrams_.summarize(flows[index]);
        harvest.flows.push_back({flows[index], true});
        state_of_[index] = Place::over;
    }
}

void Harvester::collect_dns(base::Timestamp now, Harvest& harvest) {
    auto& rows = context_.observation.dns;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.id == 0) {
            continue;
        }
        const auto last = latest(row.last_send, row.response);
        if (is_news(last, row.flow)) {
            harvest.dns.push_back({context_.observation.flows[row.flow].id, row});
        }
        if (is_over(row.flow) ||
            now - last.time > (row.response ? answered_query_kept : open_query_kept)) {
            context_.release(rows, context_.dns_places, i);
        }
    }
}

void Harvester::collect_hellos(Harvest& harvest) {
    auto& rows = context_.observation.hellos;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (rows[i].id != 0) {
            const std::uint64_t flow = context_.observation.flows[rows[i].flow].id;
            harvest.hellos.push_back({flow, std::move(rows[i])});
            context_.release(rows, context_.hello_places, i);
        }
    }
}

void Harvester::collect_stun(base::Timestamp now, Harvest& harvest) {
    auto& rows = context_.observation.stun;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.id == 0) {
            continue;
        }
        if (is_news(latest(row.last_request, row.response), row.flow)) {
            harvest.stun.push_back({context_.observation.flows[row.flow].id, row});
        }
        if (is_over(row.flow)) {
            context_.release(rows, context_.stun_places, i);
        } else if (row.response && now - row.response.time > answered_transaction_kept) {
            forget_transaction(i);
        }
    }
}

void Harvester::forget_transaction(std::uint32_t row) {
    auto& rows = context_.observation.stun;
    std::erase(context_.observation.flows[rows[row].flow].transactions, row);
    context_.release(rows, context_.stun_places, row);
}

// A client that asks in vain for days must not fill the memory; its oldest questions were
// harvested.
void Harvester::bound_transactions(facts::Flow& flow) {
    const auto& rows = context_.observation.stun;
    while (flow.transactions.size() > most_open_transactions) {
        const auto oldest = std::ranges::find_if(flow.transactions, [&](std::uint32_t row) {
            return rows[row].outcome != facts::StunOutcome::indication &&
                   latest(rows[row].last_request, rows[row].response).number <= harvested_;
        });
        if (oldest == flow.transactions.end()) {
            return;
        }
        forget_transaction(*oldest);
    }
}

void Harvester::collect_streams(Harvest& harvest) {
    auto& rows = context_.observation.rtp;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.id == 0) {
            continue;
        }
        if (is_news(row.last, row.flow)) {
            harvest.rtp.push_back({context_.observation.flows[row.flow].id, row});
        }
        if (is_over(row.flow)) {
            context_.release(rows, context_.rtp_places, i);
        }
    }
    for (const std::uint32_t i : context_.streams_ended) {
        if (rows[i].id != 0) {  // its flow goes on
            std::erase(context_.observation.flows[rows[i].flow].streams, i);
            context_.release(rows, context_.rtp_places, i);
        }
    }
    context_.streams_ended.clear();
}

void Harvester::collect_icmp(Harvest& harvest) {
    auto& rows = context_.observation.icmp;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.id == 0) {
            continue;
        }
        if (is_news(row.at, row.flow)) {
            harvest.icmp.push_back({context_.observation.flows[row.flow].id, row});
        }
        if (is_over(row.flow)) {
            context_.release(rows, context_.icmp_places, i);
        }
    }
}

}  // namespace turnpike::inspect
