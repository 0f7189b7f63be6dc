#include "verdict/visibility.h"

#include <algorithm>

namespace turnpike::verdict {
namespace {

/// Above one lost packet in a thousand, loss at unknown times can explain any silence (the
/// threshold that Zeek's capture-loss notice uses).
constexpr std::uint64_t tolerable_loss = 1000;

}  // namespace

bool Visibility::behaves_as_answered(const facts::Flow& flow) noexcept {
    if (flow.transport == facts::Transport::tcp) {
        const auto& tcp = *flow.tcp;
        if (flow.in.packets == 0) {
            // Acknowledgements that move answer data we did not see; so does data without a
            // SYN-ACK.
            return tcp.acks_move_out || tcp.unseen_in > 0 || tcp.client_payload || tcp.established;
        }
        return flow.out.packets == 0;
    }
    // Media without any sign of retransmission: somebody must have negotiated it.
    return flow.in.packets == 0 && flow.media->rtp_packets[0] > 0 && flow.stun->requests_out == 0 &&
           !flow.dtls->client_hello;
}

Visibility::Visibility(const facts::Observation& observation) {
    const auto& quality = observation.quality;
    losses_ = quality.losses;
    std::ranges::sort(losses_, {}, &facts::PacketMark::time);
    lossy_throughout_ =
        losses_.empty() && quality.dropped * tolerable_loss > quality.packets + quality.dropped;
    find_one_sided(observation);
}

void Visibility::find_one_sided(const facts::Observation& observation) {
    struct Traffic {
        std::uint64_t answered = 0;
        std::uint64_t as_if_answered = 0;
    };
    std::unordered_map<base::IpAddress, Traffic> clients;
    for (const auto& flow : observation.flows) {
        auto& traffic = clients[flow.client.address];
        if (flow.in.packets > 0 && flow.out.packets > 0) {
            ++traffic.answered;
        } else if (behaves_as_answered(flow)) {
            ++traffic.as_if_answered;
        }
    }
    for (const auto& [client, traffic] : clients) {
        // A stray visible answer (a broadcast reply, say) does not make the tap two-sided.
        if (traffic.as_if_answered > 0 && traffic.answered * 10 <= traffic.as_if_answered) {
            one_sided_.emplace(client, true);
        }
    }
}

bool Visibility::one_sided(const base::IpAddress& client) const {
    return one_sided_.contains(client);
}

bool Visibility::lost_between(base::Timestamp from, base::Timestamp to) const noexcept {
    if (lossy_throughout_) {
        return true;
    }
    const auto first = std::ranges::lower_bound(losses_, from, {}, &facts::PacketMark::time);
    return first != losses_.end() && first->time <= to;
}

}  // namespace turnpike::verdict
