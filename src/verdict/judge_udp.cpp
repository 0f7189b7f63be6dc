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
    UdpJudge(const facts::Flow& flow, const CaptureContext& surroundings)
        : flow_(flow), around_(surroundings) {}

    FlowVerdict judge() {
        if (answered()) {
            FlowVerdict verdict = passed();
            for (const auto& mark : {flow_.out.first, flow_.stun->first_request,
                                     flow_.stun->first_response, flow_.in.first}) {
                add_evidence(verdict, mark);
            }
            if (flow_.stun->last_error != 0) {
                add_note(verdict, fmt::format("stun_error {}", flow_.stun->last_error));
            }
            note_interruption(flow_, verdict);
            return verdict;
        }
        if (flow_.out.packets == 0) {
            return inconclusive(InconclusiveReason::one_sided_capture, {flow_.in.first});
        }
        if (expects_no_answer(flow_)) {
            return inconclusive(InconclusiveReason::no_answer_expected, {flow_.out.first});
        }
        if (const auto* error = refusing_icmp(flow_, around_);
            error != nullptr && flow_.in.packets == 0) {
            return judge_icmp(flow_, *error, Stage::udp, around_);
        }
        return judge_silence();
    }

  private:
    /// Something came back. Where the client asked by STUN, it must be the answer to a question of
    /// its own, or what can only follow one: DTLS, media, relayed data.
    [[nodiscard]] bool answered() const {
        if (flow_.in.packets == 0 || flow_.out.packets == 0) {
            return false;
        }
        const auto& stun = *flow_.stun;
        const bool more_than_checks =
            flow_.media->rtp_packets[1] + flow_.media->rtcp_packets[1] > 0 ||
            flow_.dtls->server_record || flow_.dtls->server_hello || stun.channel_data_in > 0;
        return stun.requests_out == 0 || stun.responses_in > 0 || more_than_checks ||
               flow_.in.packets > stun.requests_in_packets;
    }

    [[nodiscard]] FlowVerdict judge_silence() const {
        const bool quic = flow_.protocol == facts::Protocol::quic;
        const auto& last = flow_.out.last;
        if (around_.visibility.one_sided(flow_) || Visibility::behaves_as_answered(flow_)) {
            return inconclusive(InconclusiveReason::one_sided_capture, {flow_.out.first});
        }
        if (midstream()) {
            return inconclusive(InconclusiveReason::midstream, {flow_.out.first});
        }
        const PacketMark second = second_attempt();
        if (!around_.waited_after(flow_, second ? second : flow_.out.first)) {
            return inconclusive(InconclusiveReason::capture_ended, {flow_.out.first, last});
        }
        if (flow_.in.packets > 0 || !second) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.out.first, last});
        }
        if (around_.visibility.lost_between(flow_.first_seen(), flow_.last_seen() + patience)) {
            return inconclusive(InconclusiveReason::capture_loss, {flow_.out.first, last});
        }
        if (too_large_for_path(flow_, around_.observation)) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.out.first, last});
        }
        return blocked(quic ? BlockReason::quic_timeout : BlockReason::udp_timeout,
                       datagram_stage(flow_), {flow_.out.first, second, last});
    }

    /// The second of the packets with which the client insisted, from which the waiting counts: two
    /// sends of a STUN transaction, however close, or any two if they went on for longer than a
    /// burst lasts. Nothing: it tried once.
    [[nodiscard]] PacketMark second_attempt() const noexcept {
        const auto& quic = *flow_.quic;
        if (flow_.protocol == facts::Protocol::quic) {
            return quic.persisted ? quic.second_initial : PacketMark{};
        }
        const auto& repeated = flow_.stun->repeated;
        const auto second = flow_.out.persisted ? flow_.out.second : PacketMark{};
        if (!repeated || !second) {
            return repeated ? repeated : second;
        }
        return repeated.number < second.number ? repeated : second;
    }

    /// What can only follow an exchange that is not in the capture.
    [[nodiscard]] bool midstream() const {
        const auto& stun = *flow_.stun;
        if (flow_.in.packets > 0) {
            return false;
        }
        if (stun.channel_data_out > 0 && stun.requests_out == 0) {
            return true;
        }
        if (flow_.protocol == facts::Protocol::dtls && !flow_.dtls->client_hello) {
            return true;
        }
        return flow_.protocol == facts::Protocol::quic && flow_.quic->initials_out == 0;
    }

    const facts::Flow& flow_;
    const CaptureContext& around_;
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
            return flow.stun->requests_out > 0 ? Stage::stun : Stage::media;
        default:
            return Stage::udp;
    }
}

FlowVerdict judge_udp(const facts::Flow& flow, const CaptureContext& surroundings) {
    FlowVerdict verdict = UdpJudge(flow, surroundings).judge();
    note_icmp(flow, surroundings.observation, verdict);
    return verdict;
}

}  // namespace turnpike::verdict
