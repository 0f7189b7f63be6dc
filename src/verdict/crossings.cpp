// Concludes from what became of a flow's packets between two captures whether it was blocked
// there.
#include "verdict/crossings.h"

#include <fmt/core.h>

#include <algorithm>

#include "verdict/datagram_stage.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

/// A single packet may get lost anywhere.
constexpr std::uint64_t no_accident = 2;

bool says_refused(const FlowVerdict& verdict) noexcept {
    switch (verdict.reason) {
        case BlockReason::tcp_reset:
        case BlockReason::icmp_prohibited:
        case BlockReason::icmp_unreachable:
        case BlockReason::tls_reset:
        case BlockReason::payload_reset:
        case BlockReason::tls_alert:
        case BlockReason::tls_name_mismatch:
        case BlockReason::http_denied:
        case BlockReason::proxy_denied:
            return true;
        default:
            return verdict.inconclusive == InconclusiveReason::server_refused;
    }
}

class CrossingJudge {
  public:
    CrossingJudge(const facts::Flow& flow, const facts::Observation& observation,
                  const facts::Crossing& crossing, bool private_crosses, FlowVerdict& verdict)
        : flow_(flow),
          observation_(observation),
          crossing_(crossing),
          private_crosses_(private_crosses),
          verdict_(verdict) {}

    Fate judge() {
        if (flow_.rare->proxy->request && !reached_server()) {
            return judge_proxied();
        }
        if (crossing_.mappings.empty()) {
            return judge_unseen_outside();
        }
        if (crossing_.rebuilt) {
            add_note(verdict_, "rebuilt");
            return Fate::rebuilt;
        }
        if (verdict_.outcome == Outcome::passed) {
            return judge_passed();
        }
        return says_refused(verdict_) ? judge_refusal() : judge_silence();
    }

  private:
    /// The flow as such was seen outside on its way to the same server.
    [[nodiscard]] bool reached_server() const {
        return std::ranges::any_of(crossing_.mappings, [&](const facts::Mapping& mapping) {
            return mapping.server == flow_.server().endpoint;
        });
    }

    /// To a proxy that stands in between. What it does in the client's name is another connection.
    Fate judge_proxied() {
        if (verdict_.reason == BlockReason::proxy_denied) {
            return Fate::answered;
        }
        if (verdict_.reason != BlockReason::proxy_timeout) {
            return crossing_.mappings.empty() ? Fate::between : Fate::rebuilt;
        }
        if (crossing_.target_tried) {
            return unanswered();
        }
        return crossing_.outside_recorded ? died(Fate::died_outward) : Fate::unknown;
    }

    Fate judge_unseen_outside() {
        if (verdict_.inconclusive == InconclusiveReason::no_answer_expected || flow_.to_group ||
            (flow_.server().address().is_private() && !private_crosses_)) {
            return Fate::local;
        }
        if (!crossing_.outside_recorded || crossing_.out.packets.died == 0) {
            return Fate::unknown;
        }
        if (says_refused(verdict_)) {
            return refused_here();
        }
        if (verdict_.outcome == Outcome::passed) {
            verdict_.outcome = Outcome::inconclusive;
            verdict_.inconclusive = InconclusiveReason::no_answer;
            add_note(verdict_, "answered_between");
            return Fate::between;
        }
        return died(Fate::died_outward);
    }

    Fate judge_passed() {
        constexpr std::uint64_t enough = 3;
        const auto dead = [](const facts::Way& way) {
            return way.died_at_end >= enough &&
                   way.last_died.time - way.died_since.time >= patience;
        };
        if (dead(crossing_.out) || dead(crossing_.in)) {
            const auto& way = dead(crossing_.out) ? crossing_.out : crossing_.in;
            add_note(verdict_,
                     fmt::format("died_later {}", base::format_iso8601(way.died_since.time)));
            return Fate::interrupted;
        }
        return Fate::passed;
    }

    [[nodiscard]] PacketMark refusal() const {
        const auto& tls = *flow_.tls;
        switch (verdict_.reason) {
            case BlockReason::tls_alert:
                return tls.server_alert->at;
            case BlockReason::tls_name_mismatch:
                return tls.certificate->at;
            case BlockReason::http_denied:
                return flow_.rare->http->response;
            case BlockReason::proxy_denied:
                return flow_.rare->proxy->response;
            default:
                break;
        }
        if (verdict_.inconclusive == InconclusiveReason::server_refused) {
            if (tls.server_alert->first_record) {
                return tls.server_alert->at;
            }
            if (tls.plain_answer || flow_.rare->proxy->response) {
                return tls.plain_answer ? tls.plain_answer : flow_.rare->proxy->response;
            }
        }
        const auto& server = flow_.server_of(*flow_.tcp);
        const bool by_reset =
            server.rst->at && (!server.fin || server.rst->at.number < server.fin.number);
        return by_reset ? server.rst->at : server.fin;
    }

    [[nodiscard]] bool by_icmp() const {
        return verdict_.reason == BlockReason::icmp_prohibited ||
               verdict_.reason == BlockReason::icmp_unreachable ||
               (verdict_.inconclusive == InconclusiveReason::server_refused &&
                !flow_.rare->icmp.empty() && flow_.server().packets == 0);
    }

    Fate judge_refusal() {
        if (by_icmp()) {
            if (!crossing_.icmp_made.empty()) {
                return refused_here();
            }
            const bool by_router = std::ranges::none_of(flow_.rare->icmp, [&](std::uint32_t i) {
                return observation_.icmp[i].source == flow_.server().address();
            });
            return refused_beyond(by_router);
        }
        return crossing_.made(refusal()) ? refused_here() : refused_beyond(false);
    }

    Fate refused_here() {
        if (verdict_.outcome != Outcome::blocked) {
            block(reason_of_refusal());
        }
        verdict_.grade = Grade::a;
        add_note(verdict_, "answered_inside");
        return Fate::answered;
    }

    /// A router beyond that refuses in so many words still blocks the path.
    Fate refused_beyond(bool by_router) {
        if (!by_router && verdict_.outcome == Outcome::blocked) {
            unblock(InconclusiveReason::server_refused);
        }
        add_note(verdict_, "from_beyond");
        return Fate::refused;
    }

    [[nodiscard]] BlockReason reason_of_refusal() const {
        const auto& tls = *flow_.tls;
        if (by_icmp()) {
            const bool prohibited = std::ranges::any_of(crossing_.icmp_made, [&](std::uint32_t i) {
                return is_prohibition(observation_.icmp[i]);
            });
            return prohibited ? BlockReason::icmp_prohibited : BlockReason::icmp_unreachable;
        }
        if (tls.server_alert->first_record) {
            return BlockReason::tls_alert;
        }
        if (tls.plain_answer || flow_.rare->http->response) {
            return BlockReason::http_denied;
        }
        if (!flow_.client_of(*flow_.tcp).payload) {
            return BlockReason::tcp_reset;
        }
        return tls.client_hello ? BlockReason::tls_reset : BlockReason::payload_reset;
    }

    /// Nothing came back to the client, or not what it waited for.
    Fate judge_silence() {
        if (verdict_.reason == BlockReason::one_way) {
            return judge_one_way();
        }
        // Once a handshake went through, what counts is what was said on the connection.
        const bool connected = static_cast<bool>(flow_.tcp->syn_ack);
        const auto& out = connected ? crossing_.out.payload : crossing_.out.packets;
        const auto& in = connected ? crossing_.in.payload : crossing_.in.packets;
        if (out.died > 0 && (out.passed == 0 || in.entered == 0)) {
            return died(Fate::died_outward);
        }
        if (in.died > 0 && in.passed == 0) {
            return died(Fate::died_inward);
        }
        return in.entered == 0 && out.passed > 0 ? unanswered() : Fate::unknown;
    }

    Fate judge_one_way() {
        const bool in_is_silent = flow_.server_of(*flow_.media).rtp_packets == 0;
        const auto& silent = in_is_silent ? crossing_.in : crossing_.out;
        const auto& talking = in_is_silent ? crossing_.out : crossing_.in;
        if (silent.payload.died >= no_accident) {
            return died(in_is_silent ? Fate::died_inward : Fate::died_outward);
        }
        if (2 * talking.payload.died > talking.payload.entered) {
            return died(in_is_silent ? Fate::died_outward : Fate::died_inward);
        }
        return unanswered();
    }

    Fate died(Fate fate) {
        const auto& way = fate == Fate::died_outward ? crossing_.out : crossing_.in;
        const bool set_aside = verdict_.discounted ||
                               verdict_.inconclusive == InconclusiveReason::losing_candidate ||
                               std::ranges::find(*verdict_.notes, "mtu") != verdict_.notes->end();
        if (verdict_.outcome != Outcome::blocked) {
            if (set_aside || way.packets.died < no_accident) {
                return fate;
            }
            block(reason_of_silence());
        }
        verdict_.grade = Grade::a;
        add_note(verdict_, fate == Fate::died_outward ? "died_outward" : "died_inward");
        if (fate == Fate::died_outward) {
            add_evidence(verdict_, way.first_died);
            add_evidence(verdict_, way.last_died);
        }
        return fate;
    }

    [[nodiscard]] BlockReason reason_of_silence() const {
        if (flow_.transport == facts::Transport::udp) {
            return flow_.protocol == facts::Protocol::quic ? BlockReason::quic_timeout
                                                           : BlockReason::udp_timeout;
        }
        if (!flow_.tcp->syn_ack) {
            return BlockReason::tcp_timeout;
        }
        return flow_.tls->client_hello ? BlockReason::tls_timeout : BlockReason::payload_timeout;
    }

    Fate unanswered() {
        if (verdict_.outcome == Outcome::blocked) {
            unblock(InconclusiveReason::no_answer);
        }
        add_note(verdict_, "left_firewall");
        return Fate::unanswered;
    }

    void block(BlockReason reason) {
        verdict_.outcome = Outcome::blocked;
        verdict_.inconclusive = InconclusiveReason::none;
        verdict_.reason = reason;
        verdict_.stage = stage(reason);
    }
    [[nodiscard]] Stage stage(BlockReason reason) const {
        switch (reason) {
            case BlockReason::tls_timeout:
            case BlockReason::tls_reset:
            case BlockReason::tls_alert:
                return Stage::tls;
            case BlockReason::http_denied:
                return Stage::http;
            case BlockReason::udp_timeout:
            case BlockReason::quic_timeout:
                return datagram_stage(flow_);
            default:
                return flow_.transport == facts::Transport::tcp ? Stage::tcp : Stage::udp;
        }
    }
    void unblock(InconclusiveReason why) {
        verdict_.outcome = Outcome::inconclusive;
        verdict_.inconclusive = why;
        verdict_.reason = BlockReason::none;
        verdict_.stage = Stage::none;
        verdict_.grade = Grade::none;
        verdict_.control = 0;
    }

    const facts::Flow& flow_;
    const facts::Observation& observation_;
    const facts::Crossing& crossing_;
    bool private_crosses_;
    FlowVerdict& verdict_;
};

}  // namespace

std::vector<Fate> judge_crossings(const facts::Observation& observation,
                                  const facts::Comparison& comparison, FlowVerdicts& verdicts) {
    // Between two private networks the firewall is not where the Internet begins.
    const bool private_crosses =
        std::ranges::any_of(comparison.crossings, [](const facts::Crossing& crossing) {
            return std::ranges::any_of(crossing.mappings, [](const facts::Mapping& mapping) {
                return mapping.server.address.is_private();
            });
        });
    std::vector<Fate> fates;
    fates.reserve(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        fates.push_back(CrossingJudge(observation.flows[i], observation, comparison.crossings[i],
                                      private_crosses, verdicts[i])
                            .judge());
    }
    return fates;
}

void grade_names(const facts::Observation& observation, const std::vector<Fate>& fates,
                 NameOutcomes& names) {
    const auto died = [&](std::uint32_t query) {
        const auto fate = fates[observation.dns[query].flow];
        return fate == Fate::died_outward || fate == Fate::died_inward;
    };
    for (auto& [text, name] : names) {
        if (name.reason == BlockReason::dns_timeout && std::ranges::all_of(name.queries, died)) {
            name.grade = Grade::a;
        }
    }
}

}  // namespace turnpike::verdict
