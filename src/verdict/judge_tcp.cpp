// The verdict on a TCP flow: stage by stage, the earliest that failed names the reason (RFC 9293,
// RFC 8446).
#include <fmt/core.h>

#include <algorithm>

#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

/// Segments this large or larger, and only those, get lost where a path's MTU is too small for them
/// and nobody says so: 1280 octets of IPv6 minimum MTU less headers (RFC 8200 5).
constexpr std::uint16_t large_segment = 1200;

class TcpJudge {
  public:
    TcpJudge(const facts::Flow& flow, const Surroundings& surroundings)
        : flow_(flow), tcp_(*flow.tcp), around_(surroundings) {}

    FlowVerdict judge() {
        if (tcp_.seen_midway) {
            return judge_midway();
        }
        if (!tcp_.syn_ack) {
            return judge_unanswered_syn();
        }
        if (flow_.out.packets == 0) {
            return one_sided();
        }
        if (!tcp_.established && !tcp_.client_payload) {
            return judge_unheard_syn_ack();
        }
        if (flow_.proxy->request) {
            return judge_proxied();
        }
        return judge_established(tcp_.client_payload, tcp_.server_payload);
    }

  private:
    /// Without the start of the connection, movement both ways is all that can be asked for.
    [[nodiscard]] FlowVerdict judge_midway() const {
        const bool both_ways = flow_.out.payload_packets > 0 && flow_.in.payload_packets > 0;
        const bool acknowledged = (flow_.out.payload_packets > 0 && tcp_.acks_move_in) ||
                                  (flow_.in.payload_packets > 0 && tcp_.acks_move_out);
        if (both_ways || (acknowledged && flow_.out.packets > 0 && flow_.in.packets > 0)) {
            FlowVerdict verdict = passed();
            add_note(verdict, "seen_midway");
            add_evidence(verdict, flow_.out.first_payload);
            add_evidence(verdict, flow_.in.first_payload);
            note_end(verdict);
            return verdict;
        }
        const bool one_way_only = flow_.in.packets == 0 || flow_.out.packets == 0;
        if (one_way_only && (tcp_.acks_move_out || tcp_.acks_move_in)) {
            return one_sided();
        }
        return inconclusive(InconclusiveReason::seen_midway, {flow_.out.first, flow_.in.first});
    }

    [[nodiscard]] FlowVerdict judge_unanswered_syn() const {
        if (tcp_.server_rst) {
            FlowVerdict verdict =
                blocked(BlockReason::tcp_reset, Stage::tcp, {tcp_.syn, tcp_.server_rst});
            return verdict;
        }
        if (flow_.in.payload_packets > 0 && flow_.out.payload_packets > 0) {
            return pass({tcp_.syn, flow_.out.first_payload, flow_.in.first_payload});
        }
        if (const auto* error = blocking_icmp(flow_, around_.observation);
            error != nullptr && flow_.in.packets == 0) {
            return refused_by_icmp(*error);
        }
        if (Visibility::behaves_as_answered(flow_) || flow_.in.packets > 0) {
            return one_sided();
        }
        const bool silent = tcp_.syns >= 2 || around_.waited_after(tcp_.last_syn);
        if (!silent) {
            return inconclusive(InconclusiveReason::capture_ended, {tcp_.syn});
        }
        return silence(BlockReason::tcp_timeout, Stage::tcp, {tcp_.syn, tcp_.last_syn});
    }

    /// The server answered, the client goes on asking: its answer is lost behind the tap.
    [[nodiscard]] FlowVerdict judge_unheard_syn_ack() const {
        if (tcp_.server_rst && !tcp_.client_fin && !tcp_.client_rst) {
            return blocked(BlockReason::tcp_reset, Stage::tcp,
                           {tcp_.syn, tcp_.syn_ack, tcp_.server_rst});
        }
        const auto reason = around_.waited_after(flow_.in.last) || tcp_.client_rst
                                ? InconclusiveReason::no_answer
                                : InconclusiveReason::capture_ended;
        return inconclusive(reason, {tcp_.syn, tcp_.syn_ack});
    }

    /// An explicit proxy: its own answer first, then what runs inside the tunnel.
    [[nodiscard]] FlowVerdict judge_proxied() const {
        const auto& proxy = *flow_.proxy;
        if (!proxy.response) {
            if (ended_by_server(proxy.request)) {
                return blocked(BlockReason::payload_reset, Stage::tcp,
                               {proxy.request, server_end()});
            }
            if (!around_.waited_after(proxy.request)) {
                return inconclusive(InconclusiveReason::capture_ended, {proxy.request});
            }
            return silence(BlockReason::proxy_timeout, Stage::proxy, {proxy.request});
        }
        if (!proxy.established) {
            FlowVerdict verdict =
                blocked(BlockReason::proxy_denied, Stage::proxy, {proxy.request, proxy.response});
            verdict.grade = Grade::a;
            add_note(verdict, fmt::format("proxy_status {}", proxy.status));
            return verdict;
        }
        FlowVerdict verdict = judge_established(proxy.client_payload, proxy.server_payload);
        add_evidence(verdict, proxy.response);
        return verdict;
    }

    /// After the handshake (or the CONNECT): what the client sent first and what came back.
    [[nodiscard]] FlowVerdict judge_established(const PacketMark& client_payload,
                                                const PacketMark& server_payload) const {
        const bool hello = static_cast<bool>(flow_.tls->client_hello);
        const bool server_spoke_first =
            server_payload && !(tcp_.server_rst && came_before(tcp_.server_rst, server_payload));
        if (server_spoke_first) {
            return judge_answered(server_payload);
        }
        if (ended_by_server(client_payload)) {
            return judge_ended_by_server(client_payload, hello);
        }
        if (!client_payload) {
            return pass({tcp_.syn, tcp_.syn_ack, tcp_.established});  // nothing was asked
        }
        if (const auto* error = blocking_icmp(flow_, around_.observation);
            error != nullptr && error->at.time >= client_payload.time) {
            return refused_by_icmp(*error);
        }
        return judge_silence(client_payload, hello);
    }

    [[nodiscard]] FlowVerdict judge_answered(const PacketMark& server_payload) const {
        const auto& tls = *flow_.tls;
        if (tls.client_hello && tls.alert_was_first_record) {
            FlowVerdict verdict =
                blocked(BlockReason::tls_alert, Stage::tls, {tls.client_hello, tls.server_alert});
            add_note(verdict, fmt::format("tls_alert {}", tls.server_alert_code));
            return verdict;
        }
        FlowVerdict verdict = passed();
        for (const auto& mark : {tcp_.syn, tcp_.syn_ack, tcp_.client_payload, server_payload}) {
            add_evidence(verdict, mark);
        }
        if (tls.client_alert) {
            add_note(verdict, "intercept_rejected");
            add_evidence(verdict, tls.client_alert);
        }
        note_end(verdict);
        return verdict;
    }

    /// A reset, or a close that answers no close, before the server said anything.
    [[nodiscard]] FlowVerdict judge_ended_by_server(const PacketMark& client_payload,
                                                    bool hello) const {
        const auto end = server_end();
        if (!client_payload || (tcp_.server_rst && came_before(tcp_.server_rst, client_payload))) {
            return tcp_.server_rst ? blocked(BlockReason::tcp_reset, Stage::tcp,
                                             {tcp_.syn, tcp_.syn_ack, tcp_.server_rst})
                                   : pass({tcp_.syn, tcp_.syn_ack, tcp_.server_fin});
        }
        return blocked(hello ? BlockReason::tls_reset : BlockReason::payload_reset,
                       hello ? Stage::tls : Stage::tcp, {tcp_.syn_ack, client_payload, end});
    }

    [[nodiscard]] FlowVerdict judge_silence(const PacketMark& client_payload, bool hello) const {
        if (tcp_.unseen_in > 0) {
            return inconclusive(InconclusiveReason::capture_loss, {client_payload});
        }
        if (lost_for_their_size()) {
            FlowVerdict verdict =
                inconclusive(InconclusiveReason::no_answer, {client_payload, flow_.out.last});
            add_note(verdict, "mtu");
            return verdict;
        }
        const auto& gave_up = earlier(tcp_.client_fin, tcp_.client_rst);
        if (gave_up && gave_up.time - client_payload.time < patience) {
            return inconclusive(InconclusiveReason::no_answer, {client_payload, gave_up});
        }
        if (!around_.waited_after(client_payload)) {
            return inconclusive(InconclusiveReason::capture_ended, {client_payload});
        }
        if (hello) {
            return silence(BlockReason::tls_timeout, Stage::tls,
                           {tcp_.syn_ack, client_payload, tcp_.client_payload_again});
        }
        if (flow_.cut_before_decision) {  // a ClientHello or not: that would have decided
            return inconclusive(InconclusiveReason::truncated, {client_payload});
        }
        // A server may listen in silence: only what is sent again and never acknowledged is lost.
        if (tcp_.client_payload_sends >= 2 && !tcp_.client_payload_acked) {
            return silence(BlockReason::payload_timeout, Stage::tcp,
                           {tcp_.syn_ack, client_payload, tcp_.client_payload_again});
        }
        return inconclusive(InconclusiveReason::no_answer, {client_payload});
    }

    /// Only full-size segments were lost while smaller ones arrived, or a router said so.
    [[nodiscard]] bool lost_for_their_size() const {
        return too_large_for_path(flow_, around_.observation) ||
               only_large_lost(tcp_.smallest_segment_lost_out, tcp_.largest_segment_acked_out) ||
               only_large_lost(tcp_.smallest_segment_lost_in, tcp_.largest_segment_acked_in);
    }
    static bool only_large_lost(std::uint16_t smallest_lost, std::uint16_t largest_acked) {
        return smallest_lost >= large_segment && largest_acked > 0 && largest_acked < smallest_lost;
    }

    /// Whether the server's side ended the connection, and not in answer to the client's own end. A
    /// FIN that precedes the question only says that the server had nothing to add.
    [[nodiscard]] bool ended_by_server(const PacketMark& question) const {
        const auto end = server_end();
        if (!end || (question && !tcp_.server_rst && came_before(end, question))) {
            return false;
        }
        const auto& client_end = earlier(tcp_.client_fin, tcp_.client_rst);
        return !client_end || came_before(end, client_end);
    }
    [[nodiscard]] PacketMark server_end() const {
        return earlier(tcp_.server_rst, tcp_.server_fin);
    }

    [[nodiscard]] FlowVerdict refused_by_icmp(const facts::IcmpError& error) const {
        const bool prohibited = is_prohibition(error);
        FlowVerdict verdict =
            blocked(prohibited ? BlockReason::icmp_prohibited : BlockReason::icmp_unreachable,
                    Stage::tcp, {tcp_.syn, error.at});
        verdict.grade = prohibited ? Grade::a : Grade::c;
        return verdict;
    }

    /// A block that rests on silence; a capture that lost packets cannot claim it.
    [[nodiscard]] FlowVerdict silence(BlockReason reason, Stage stage,
                                      std::initializer_list<PacketMark> evidence) const {
        if (around_.visibility.one_sided(flow_.client.address)) {
            return inconclusive(InconclusiveReason::one_sided_capture, evidence);
        }
        if (around_.visibility.lost_between(flow_.first_seen(), flow_.last_seen() + patience)) {
            return inconclusive(InconclusiveReason::capture_loss, evidence);
        }
        if (flow_.cut_before_decision) {
            return inconclusive(InconclusiveReason::truncated, evidence);
        }
        return blocked(reason, stage, evidence);
    }

    [[nodiscard]] FlowVerdict one_sided() const {
        return inconclusive(InconclusiveReason::one_sided_capture,
                            {flow_.out.first, flow_.in.first});
    }

    [[nodiscard]] FlowVerdict pass(std::initializer_list<PacketMark> evidence) const {
        FlowVerdict verdict = passed();
        for (const auto& mark : evidence) {
            add_evidence(verdict, mark);
        }
        note_end(verdict);
        return verdict;
    }

    void note_end(FlowVerdict& verdict) const {
        if (lost_for_their_size()) {
            add_note(verdict, "mtu");
        }
        const auto& reset = earlier(tcp_.server_rst, tcp_.client_rst);
        const bool closing = tcp_.server_fin || tcp_.client_fin;
        if (reset && !closing && flow_.out.payload_packets > 0 && flow_.in.payload_packets > 0) {
            add_note(verdict, "late_reset");
            add_evidence(verdict, reset);
        }
        note_interruption(flow_, verdict);
    }

    static bool came_before(const PacketMark& a, const PacketMark& b) {
        return a.number < b.number;
    }
    static const PacketMark& earlier(const PacketMark& a, const PacketMark& b) {
        if (!a || !b) {
            return a ? a : b;
        }
        return came_before(a, b) ? a : b;
    }

    const facts::Flow& flow_;
    const facts::TcpFacts& tcp_;
    const Surroundings& around_;
};

}  // namespace

FlowVerdict judge_tcp(const facts::Flow& flow, const Surroundings& surroundings) {
    FlowVerdict verdict = TcpJudge(flow, surroundings).judge();
    note_icmp(flow, surroundings.observation, verdict);
    return verdict;
}

}  // namespace turnpike::verdict
