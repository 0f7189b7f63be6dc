// The verdict on a UDP flow: DNS, QUIC, STUN, TURN, DTLS, media and whatever else runs over
// datagrams.
#include <fmt/core.h>

#include <algorithm>

#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

/// Two packets over this long, unanswered, are an attempt that failed (verdict rules,
/// `udp_timeout`).
constexpr base::Duration attempt = 1500ms;

Stage stage_of(const facts::Flow& flow) noexcept {
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

class UdpJudge {
  public:
    UdpJudge(const facts::Flow& flow, const Surroundings& surroundings)
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
        if (const auto* error = blocking_icmp(flow_, around_.observation);
            error != nullptr && flow_.in.packets == 0) {
            return refused_by_icmp(*error);
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
        if (around_.visibility.one_sided(flow_.client.address)) {
            return inconclusive(InconclusiveReason::one_sided_capture, {flow_.out.first});
        }
        if (seen_midway()) {
            return inconclusive(InconclusiveReason::seen_midway, {flow_.out.first});
        }
        if (!around_.waited_for(flow_)) {
            return inconclusive(InconclusiveReason::capture_ended,
                                {flow_.out.first, flow_.out.last});
        }
        if (flow_.in.packets > 0 || !tried_hard_enough()) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.out.first, flow_.out.last});
        }
        if (around_.visibility.lost_between(flow_.first_seen(), flow_.last_seen() + patience)) {
            return inconclusive(InconclusiveReason::capture_loss,
                                {flow_.out.first, flow_.out.last});
        }
        if (too_large_for_path(flow_, around_.observation)) {
            return inconclusive(InconclusiveReason::no_answer, {flow_.out.first, flow_.out.last});
        }
        return blocked(quic ? BlockReason::quic_timeout : BlockReason::udp_timeout, stage_of(flow_),
                       {flow_.out.first, flow_.out.last});
    }

    [[nodiscard]] bool tried_hard_enough() const {
        const auto& stun = *flow_.stun;
        if (stun.requests_out > 0 &&
            (stun.most_sends >= 2 || stun.most_unanswered_of_a_method >= 2)) {
            return true;
        }
        if (flow_.protocol == facts::Protocol::quic) {
            const auto& quic = *flow_.quic;
            return quic.initials_out >= 2 &&
                   quic.last_initial.time - quic.first_initial.time >= attempt;
        }
        return flow_.out.packets >= 2 && flow_.out.last.time - flow_.out.first.time >= attempt;
    }

    /// What can only follow an exchange that is not in the capture.
    [[nodiscard]] bool seen_midway() const {
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

    [[nodiscard]] FlowVerdict refused_by_icmp(const facts::IcmpError& error) const {
        const bool prohibited = is_prohibition(error);
        FlowVerdict verdict =
            blocked(prohibited ? BlockReason::icmp_prohibited : BlockReason::icmp_unreachable,
                    Stage::udp, {flow_.out.first, error.at});
        verdict.grade = prohibited ? Grade::a : Grade::c;
        return verdict;
    }

    const facts::Flow& flow_;
    const Surroundings& around_;
};

}  // namespace

FlowVerdict judge_udp(const facts::Flow& flow, const Surroundings& surroundings) {
    FlowVerdict verdict = UdpJudge(flow, surroundings).judge();
    note_icmp(flow, surroundings.observation, verdict);
    return verdict;
}

}  // namespace turnpike::verdict
