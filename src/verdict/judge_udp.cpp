// The verdict on a UDP flow: DNS, QUIC, STUN, TURN, DTLS, media and whatever else runs over
// datagrams.
#include <fmt/core.h>

#include <algorithm>

#include "verdict/datagram_stage.h"
#include "verdict/judgement.h"
#include "verdict/unanswered.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

class UdpJudge {
  public:
    UdpJudge(const facts::Flow& flow, const CaptureContext& context)
        : flow_(flow),
          client_stun_(flow.client_of(*flow.stun)),
          server_stun_(flow.server_of(*flow.stun)),
          context_(context) {}

    FlowVerdict judge() {
        if (answered()) {
            FlowVerdict verdict = passed();
            for (const auto& mark : {flow_.client().first, flow_.stun->first_request,
                                     server_stun_.first_response, flow_.server().first}) {
                add_evidence(verdict, mark);
            }
            if (server_stun_.last_error != 0) {
                add_note(verdict, fmt::format("stun_error {}", server_stun_.last_error));
            }
            note_interruption(flow_, verdict);
            return verdict;
        }
        if (flow_.client().packets == 0) {
            return inconclusive(InconclusiveReason::one_sided_capture,
                                {flow_.server().first, flow_.client().first});
        }
        if (expects_no_answer(flow_)) {
            return inconclusive(InconclusiveReason::no_answer_expected, {flow_.client().first});
        }
        if (const auto* error = refusing_icmp(flow_, context_);
            error != nullptr && flow_.server().packets == 0 &&
            !Visibility::behaves_as_answered(flow_)) {
            return judge_icmp(flow_, *error, Stage::udp, context_);
        }
        return judge_silence();
    }

  private:
    /// Something came back. Where the client asked by STUN, it must be the answer to a question of
    /// its own, or what can only follow one: DTLS, media, relayed data.
    [[nodiscard]] bool answered() const {
        if (flow_.server().packets == 0 || flow_.client().packets == 0) {
            return false;
        }
        const auto& media = flow_.server_of(*flow_.media);
        const bool more_than_checks =
            media.rtp_packets + media.rtcp_packets > 0 || flow_.rare->dtls->server_record ||
            flow_.rare->dtls->server_hello || server_stun_.channel_data > 0;
        return client_stun_.requests == 0 || server_stun_.responses > 0 || more_than_checks ||
               flow_.server().packets > server_stun_.request_packets;
    }

    [[nodiscard]] FlowVerdict judge_silence() const {
        const bool quic = flow_.protocol == facts::Protocol::quic;
        const auto& last = flow_.client().last;
        if (context_.visibility.one_sided(flow_) || Visibility::behaves_as_answered(flow_)) {
            return inconclusive(InconclusiveReason::one_sided_capture, {flow_.client().first});
        }
        if (midstream()) {
            return inconclusive(InconclusiveReason::midstream, {flow_.client().first});
        }
        const PacketMark second = second_attempt();
        if (!context_.waited_after(flow_, second ? second : flow_.client().first)) {
            return inconclusive(InconclusiveReason::capture_ended, {flow_.client().first, last});
        }
        if (flow_.server().packets > 0 || !second) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.client().first, last});
        }
        if (context_.visibility.lost_between(flow_.first_seen(), flow_.last_seen() + patience)) {
            return inconclusive(InconclusiveReason::capture_loss, {flow_.client().first, last});
        }
        if (too_large_for_path(flow_, context_.observation)) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.client().first, last});
        }
        return blocked(quic ? BlockReason::quic_timeout : BlockReason::udp_timeout,
                       datagram_stage(flow_), {flow_.client().first, second, last});
    }

    /// The second of the packets with which the client insisted, from which the waiting counts: two
    /// sends of a STUN transaction, however close, or any two if they went on for longer than a
    /// burst lasts. Nothing: it tried once.
    [[nodiscard]] PacketMark second_attempt() const noexcept {
        if (flow_.protocol == facts::Protocol::quic) {
            const auto& quic = flow_.client_of(*flow_.rare->quic);
            return quic.persisted ? quic.second_initial : PacketMark{};
        }
        const auto& repeated = client_stun_.repeated;
        const auto second =
            flow_.client().persisted ? flow_.udp->second[flow_.client_side] : PacketMark{};
        if (!repeated || !second) {
            return repeated ? repeated : second;
        }
        return repeated.number < second.number ? repeated : second;
    }

    /// What can only follow an exchange that is not in the capture.
    [[nodiscard]] bool midstream() const {
        if (flow_.server().packets > 0) {
            return false;
        }
        if (client_stun_.midway || (client_stun_.channel_data > 0 && client_stun_.requests == 0)) {
            return true;
        }
        if (flow_.protocol == facts::Protocol::unknown && flow_.short_header_first) {
            return true;
        }
        if (flow_.protocol == facts::Protocol::dtls && !flow_.rare->dtls->client_hello) {
            return true;
        }
        return flow_.protocol == facts::Protocol::quic &&
               flow_.client_of(*flow_.rare->quic).initials == 0;
    }

    const facts::Flow& flow_;
    const facts::StunEnd& client_stun_;
    const facts::StunEnd& server_stun_;
    const CaptureContext& context_;
};

}  // namespace

Stage datagram_stage(const facts::Flow& flow) noexcept {
    switch (flow.protocol) {
        case facts::Protocol::stun:
            return Stage::stun;
        case facts::Protocol::turn:
            return Stage::turn;
        case facts::Protocol::dtls:
            return Stage::dtls;
        case facts::Protocol::quic:
            return Stage::quic;
        case facts::Protocol::rtp:
        case facts::Protocol::rtcp:
        case facts::Protocol::zoom:
            return flow.client_of(*flow.stun).requests > 0 ? Stage::stun : Stage::media;
        default:
            return Stage::udp;
    }
}

FlowVerdict judge_udp(const facts::Flow& flow, const CaptureContext& context) {
    FlowVerdict verdict = UdpJudge(flow, context).judge();
    note_icmp(flow, context.observation, verdict);
    return verdict;
}

}  // namespace turnpike::verdict
