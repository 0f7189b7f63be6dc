// Works out from all flows what the capture lost, and whose answers it could not see.
#include "verdict/visibility.h"

#include <algorithm>

#include "turnpike/base/give_back.h"

namespace turnpike::verdict {
namespace {

/// Above one lost packet in a thousand, loss at unknown times can explain any silence (the
/// threshold that Zeek's capture-loss notice uses).
constexpr std::uint64_t tolerable_loss = 1000;

/// The same for segments that nobody counted: fewer say little about any other packet.
constexpr std::uint64_t tolerable_missing = 100;
/// Payload of a full segment on Ethernet (RFC 6691).
constexpr std::uint64_t full_segment = 1460;

bool tcp_as_answered(const facts::Flow& flow) {
    const auto& tcp = *flow.tcp;
    if (flow.server().packets > 0) {
        return flow.client().packets == 0;
    }
    // Data in a SYN (RFC 7413) are sent before any answer; all others follow one. Without the SYN
    // that answer may be older than the capture.
    const auto& client = flow.client_of(tcp);
    const auto& data = client.payload;
    const bool data_after_syn = data && tcp.syn && data.number > tcp.last_syn.number;
    return client.acks_move || flow.server_of(tcp).unseen > 0 || data_after_syn || tcp.established;
}

bool udp_as_answered(const facts::Flow& flow) {
    const auto& stun = *flow.stun;
    const auto& client = flow.client_of(stun);
    if (flow.server().packets > 0 || flow.client().packets == 0) {
        return false;
    }
    if (flow.rare->dtls->second_flight || flow.client_of(*flow.rare->quic).second_flight ||
        client.with_nonce) {
        return true;
    }
    if (client.responses > 0 ||
        flow.rare->dtls->server_hello) {  // it answers what was not captured
        return true;
    }
    // Who sends media, or data through a relay, after checks that need no repeating was answered.
    const bool media = flow.client_of(*flow.media).rtp_packets > 0 || client.channel_data > 0;
    return media && client.requests > 0 && !client.repeated;
}

/// Media without checks show nothing by themselves. Of a client that is never answered anywhere
/// they tell of an agreement that the capture does not show.
bool media_alone(const facts::Flow& flow) {
    return flow.server().packets == 0 && flow.client_of(*flow.media).rtp_packets > 0 &&
           flow.client_of(*flow.stun).requests == 0 && !flow.rare->dtls->client_hello;
}

}  // namespace

bool Visibility::behaves_as_answered(const facts::Flow& flow) noexcept {
    return flow.transport == facts::Transport::tcp ? tcp_as_answered(flow) : udp_as_answered(flow);
}

Visibility::Visibility(const facts::CaptureQuality& quality) {
    std::vector<facts::Stretch> losses = quality.losses;
    std::ranges::sort(losses, {}, &facts::Stretch::from);
    for (const auto& loss : losses) {
        if (!losses_.empty() && loss.from <= losses_.back().to) {
            losses_.back().to = std::max(losses_.back().to, loss.to);
        } else {
            losses_.push_back(loss);
        }
    }
    lossy_throughout_ =
        losses_.empty() && quality.dropped * tolerable_loss > quality.packets + quality.dropped;
}

Visibility::Visibility(const facts::Observation& observation) : Visibility(observation.quality) {
    for (const auto& flow : observation.flows) {
        add(flow);
    }
    settle(observation, FlowDigests(observation));
}

void Visibility::add(const facts::Flow& flow) {
    note_sides(flow);
    note_missing_segments(flow);
}

/// Octets that one end acknowledged and that were never seen came in segments that the capture
/// missed: of each end no more than it was seen to send, for one packet can acknowledge anything.
void Visibility::note_missing_segments(const facts::Flow& flow) {
    if (flow.transport != facts::Transport::tcp || flow.server().packets == 0 ||
        flow.client().packets == 0) {
        return;
    }
    segments_seen_ += flow.server().payload_packets + flow.client().payload_packets;
    const facts::TcpFacts& tcp = *flow.tcp;
    if (only_large_lost(flow.client_of(tcp))) [[unlikely]] {
        note_large_ones_lost(flow.client().address());
    }
    if (tcp.unseen() == 0) {
        return;
    }
    for (facts::Side side = 0; side < 2; ++side) {
        const std::uint64_t missing = (tcp.ends[side].unseen + full_segment - 1) / full_segment;
        segments_missing_ += std::min(missing, flow.ends[side].packets);
    }
}

[[gnu::noinline]] void Visibility::note_large_ones_lost(const base::IpAddress& client) {
    largest_arrived_[client] = 0;  // to be found out
}

void Visibility::note_sides(const facts::Flow& flow) {
    any_answer_ = any_answer_ || flow.server().packets > 0;
    if (flow.server().packets > 0 && flow.client().packets > 0) {
        return;
    }
    if (behaves_as_answered(flow)) {
        ++clients_[flow.client().address()].as_if_answered;
        flow_one_sided_ = true;
        unseen_.insert(flow.server().packets == 0 ? flow.server().address()
                                                  : flow.client().address());
    } else if (media_alone(flow)) {
        ++clients_[flow.client().address()].as_if_answered;
    }
}

/// What else there is of clients that behave as if answered, and of hosts that nobody saw.
void Visibility::note_other_side(const facts::Flow& flow) {
    const bool from_client = flow.client().packets > 0;
    const bool from_server = flow.server().packets > 0;
    if (from_client && from_server) {
        if (const auto client = clients_.find(flow.client().address()); client != clients_.end()) {
            ++client->second.answered;
        }
    }
    if (from_client) {
        unseen_.erase(flow.client().address());
    }
    if (from_server) {
        unseen_.erase(flow.server().address());
    }
}

bool Visibility::large_ones_arrive(const base::IpAddress& client, std::uint16_t octets) const {
    const auto largest = largest_arrived_.find(client);
    return largest != largest_arrived_.end() && largest->second >= octets;
}

/// Of clients that lost large segments.
void Visibility::find_large_ones(const facts::Observation& observation, const FlowDigests& digests,
                                 const Ledger* past) {
    DigestSet clients;
    for (auto& [client, largest] : largest_arrived_) {
        clients.insert(digest_of(client));
        largest = past != nullptr ? past->large_segment_of(client) : std::uint16_t{0};
    }
    digests.for_each_at(clients, [&](std::size_t i) {
        const auto& flow = observation.flows[i];
        const auto client = largest_arrived_.find(flow.client().address());
        if (client != largest_arrived_.end()) {
            client->second =
                std::max(client->second, flow.client_of(*flow.tcp).largest_segment_acked);
        }
    });
}

void Visibility::settle(const facts::Observation& observation, const FlowDigests& digests,
                        const Ledger* past) {
    if (!largest_arrived_.empty()) {
        find_large_ones(observation, digests, past);
    }
    loses_segments_ = segments_missing_ * tolerable_missing > segments_seen_ + segments_missing_;
    // Nothing came back to anybody, and somebody was answered: no client's silence counts.
    all_one_sided_ = flow_one_sided_ && !any_answer_;
    if (clients_.empty()) {
        return;
    }
    DigestSet hosts;
    for (const auto& [client, traffic] : clients_) {
        hosts.insert(digest_of(client));
    }
    for (const auto& host : unseen_) {
        hosts.insert(digest_of(host));
    }
    digests.for_each_at(hosts, [&](std::size_t i) { note_other_side(observation.flows[i]); });
    for (const auto& [client, traffic] : clients_) {
        // A stray visible answer (a broadcast reply, say) does not make the tap two-sided.
        if (traffic.answered * 10 <= traffic.as_if_answered) {
            one_sided_.insert(client);
        }
    }
    base::give_back(clients_);
}

bool Visibility::one_sided(const facts::Flow& flow) const {
    return one_sided(flow.client().address()) || unseen_.contains(flow.server().address());
}

bool Visibility::one_sided(const base::IpAddress& client) const {
    return all_one_sided_ || one_sided_.contains(client);
}

bool Visibility::lost_between(base::Timestamp from, base::Timestamp to) const noexcept {
    if (lossy_throughout_) {
        return true;
    }
    const auto next = std::ranges::lower_bound(losses_, from, {}, &facts::Stretch::to);
    return next != losses_.end() && next->from <= to;
}

}  // namespace turnpike::verdict
