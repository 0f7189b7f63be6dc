// The verdict on a TCP flow: stage by stage, the earliest that failed names the reason (RFC 9293,
// RFC 8446).
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

/// Statuses with which proxies refuse to CONNECT; others may come from servers that are no proxy
/// (RFC 9110 9.3.6, 15.5, 15.6; RFC 6585 6; RFC 7725).
constexpr std::array<std::uint16_t, 7> proxy_refusals{403, 407, 451, 502, 503, 504, 511};

/// "Connection refused", by the host behind the proxy (RFC 1928 6).
constexpr std::uint16_t socks_refused_by_destination = 505;

class TcpJudge {
  public:
    TcpJudge(const facts::Flow& flow, const CaptureContext& context)
        : flow_(flow),
          tcp_(*flow.tcp),
          client_(flow.client_of(tcp_)),
          server_(flow.server_of(tcp_)),
          context_(context) {}

    FlowVerdict judge() {
        if (flow_.rare->proxy->response) {  // tells more than how the connection began
            return judge_proxied();
        }
        if (tcp_.midstream) {
            return judge_midway();
        }
        if (!tcp_.syn_ack) {
            return judge_unanswered_syn();
        }
        if (flow_.client().packets == 0) {
            return one_sided();
        }
        if (!tcp_.established && !client_.payload) {
            return judge_unheard_syn_ack();
        }
        if (flow_.rare->proxy->request) {
            return judge_proxied();
        }
        return judge_established(client_.payload, server_.payload);
    }

  private:
    /// Without the start of the connection, movement both ways is all that can be asked for.
    [[nodiscard]] FlowVerdict judge_midway() const {
        const bool both_ways =
            flow_.client().payload_packets > 0 && flow_.server().payload_packets > 0;
        const bool acknowledged = (flow_.client().payload_packets > 0 && server_.acks_move) ||
                                  (flow_.server().payload_packets > 0 && client_.acks_move);
        const bool hello_unanswered = flow_.tls->client_hello &&
                                      flow_.server().payload_packets == 0 &&
                                      !server_data_acknowledged();
        if (hello_unanswered && flow_.server().packets > 0) {
            return inconclusive(InconclusiveReason::midstream,
                                {flow_.tls->client_hello, flow_.server().first});
        }
        if (both_ways && (refused_with_alert() || refused_in_plain_text())) {
            return judge_answered(server_.payload);
        }
        if (both_ways && ended_before(server_.payload)) {
            return inconclusive(InconclusiveReason::midstream, {server_.rst->at, server_.payload});
        }
        if (both_ways ||
            (acknowledged && flow_.client().packets > 0 && flow_.server().packets > 0)) {
            FlowVerdict verdict = passed();
            add_note(verdict, "midstream");
            add_evidence(verdict, client_.payload);
            add_evidence(verdict, server_.payload);
            note_end(verdict);
            return verdict;
        }
        const bool one_way_only = flow_.server().packets == 0 || flow_.client().packets == 0;
        if (one_way_only && (client_.acks_move || server_.acks_move)) {
            return one_sided();
        }
        return inconclusive(InconclusiveReason::midstream,
                            {flow_.client().first, flow_.server().first});
    }

    [[nodiscard]] FlowVerdict judge_unanswered_syn() const {
        if (!tcp_.syn) {  // nobody asked, as far as the capture shows
            return inconclusive(InconclusiveReason::midstream,
                                {flow_.client().first, flow_.server().first});
        }
        if (flow_.server().payload_packets > 0 && flow_.client().payload_packets > 0) {
            // The SYN-ACK was lost; what else was tells whether the reset forestalled an answer.
            return ended_before(server_.payload)
                       ? inconclusive(InconclusiveReason::capture_loss,
                                      {tcp_.syn, server_.rst->at, server_.payload})
                       : judge_answered(server_.payload);
        }
        if (flow_.server().packets > 0 && server_data_acknowledged()) {
            return passed_unseen({tcp_.syn, tcp_.established});
        }
        if (server_.rst->at && went_further()) {
            return inconclusive(InconclusiveReason::capture_loss, {tcp_.syn, server_.rst->at});
        }
        if (server_.rst->at) {
            return judge_early_reset({tcp_.syn, server_.rst->at});
        }
        if (Visibility::behaves_as_answered(flow_)) {
            return one_sided();
        }
        if (const auto* error = refusing_icmp(flow_, context_);
            error != nullptr && flow_.server().packets == 0) {
            return judge_icmp(flow_, *error, Stage::tcp, context_);
        }
        if (flow_.server().packets > 0) {  // the server spoke, and its SYN-ACK is not there
            return inconclusive(InconclusiveReason::capture_loss, {tcp_.syn, flow_.server().first});
        }
        if (!context_.waited_after(flow_, tcp_.syn)) {
            return inconclusive(InconclusiveReason::capture_ended, {tcp_.syn});
        }
        return silence(BlockReason::tcp_timeout, Stage::tcp, {tcp_.syn, tcp_.last_syn});
    }

    /// A reset before anybody said anything: the server's refusal if it came from where the server
    /// is.
    [[nodiscard]] FlowVerdict judge_early_reset(std::initializer_list<PacketMark> evidence) const {
        if (context_.hops.compare(flow_, server_.rst->hop_limit) == Distance::servers_own) {
            return server_refused("reset", evidence);
        }
        return blocked(BlockReason::tcp_reset, Stage::tcp, evidence);
    }

    /// The server answered, the client goes on asking: its answer is lost behind the tap.
    [[nodiscard]] FlowVerdict judge_unheard_syn_ack() const {
        if (went_further()) {  // what the client sent is not in the capture
            return inconclusive(InconclusiveReason::capture_loss,
                                {tcp_.syn_ack, earlier(server_.payload, server_.rst->at)});
        }
        if (server_.rst->at && (!client_end() || came_before(server_.rst->at, client_end()))) {
            return judge_early_reset({tcp_.syn, tcp_.syn_ack, server_.rst->at});
        }
        const auto reason = context_.waited_after(flow_, flow_.server().first) || client_.rst->at
                                ? InconclusiveReason::no_answer
                                : InconclusiveReason::capture_ended;
        return inconclusive(reason, {tcp_.syn, tcp_.syn_ack});
    }

    /// The server sent or took octets, as a reset says or what came before it: no early one.
    [[nodiscard]] bool went_further() const noexcept {
        return server_.payload || client_.payload_acked || client_.unseen > 0 ||
               server_.rst->answers_unseen;
    }

    /// The client took data of the server, whether the capture shows them or not.
    [[nodiscard]] bool server_data_acknowledged() const noexcept { return server_.unseen > 0; }

    [[nodiscard]] FlowVerdict passed_unseen(std::initializer_list<PacketMark> evidence) const {
        FlowVerdict verdict = pass(evidence);
        add_note(verdict, "capture_loss");
        return verdict;
    }

    /// An explicit proxy: its own answer first, then what runs inside the tunnel.
    [[nodiscard]] FlowVerdict judge_proxied() const {
        const auto& proxy = *flow_.rare->proxy;
        if (!proxy.response && server_data_acknowledged()) {
            return passed_unseen({proxy.request});
        }
        if (!proxy.response) {
            if (server_.payload && flow_.cut_before_decision) {  // in the middle of its answer
                return inconclusive(InconclusiveReason::truncated,
                                    {proxy.request, server_.payload});
            }
            if (server_.payload && came_before(server_.payload, client_.payload)) {
                // No proxy speaks first: two clocks, and its answer was not found.
                return inconclusive(InconclusiveReason::no_answer,
                                    {server_.payload, proxy.request});
            }
            return judge_silent_proxy();
        }
        if (!proxy.established) {
            return judge_refusal_of_proxy();
        }
        FlowVerdict verdict = judge_established(proxy.client_payload, proxy.server_payload);
        add_evidence(verdict, proxy.response);
        return verdict;
    }

    /// Nothing of the proxy answers the CONNECT.
    [[nodiscard]] FlowVerdict judge_silent_proxy() const {
        const auto& request = flow_.rare->proxy->request;
        if (ended_by_server(request)) {
            if (!server_.rst->at && server_.fin_acks_all) {
                return server_.fin.time - request.time < patience
                           ? server_refused("fin", {request, server_.fin})
                           : silence(BlockReason::proxy_timeout, Stage::proxy, {request});
            }
            return blocked(BlockReason::payload_reset, Stage::tcp, {request, server_end()});
        }
        if (const auto* error = refusing_icmp(flow_, context_, request.time)) {
            return judge_icmp(flow_, *error, Stage::tcp, context_);
        }
        if (gave_up_early(request)) {
            return inconclusive(InconclusiveReason::no_answer, {request, client_end()});
        }
        if (!context_.waited_after(flow_, request)) {
            return inconclusive(InconclusiveReason::capture_ended, {request});
        }
        return silence(BlockReason::proxy_timeout, Stage::proxy, {request});
    }

    /// A web server that is asked to CONNECT refuses as well, and is no proxy.
    [[nodiscard]] FlowVerdict judge_refusal_of_proxy() const {
        const auto& proxy = *flow_.rare->proxy;
        if (flow_.protocol == facts::Protocol::socks &&
            proxy.status == socks_refused_by_destination) {
            return server_refused("socks 5", {proxy.request, proxy.response});
        }
        const bool by_proxy =
            flow_.protocol == facts::Protocol::socks || proxy.names_itself ||
            std::ranges::find(proxy_refusals, proxy.status) != proxy_refusals.end();
        if (!by_proxy) {
            FlowVerdict verdict = server_refused(fmt::format("http {}", proxy.status),
                                                 {proxy.request, proxy.response});
            add_note(verdict, "not_a_proxy");
            return verdict;
        }
        if (proxy.status ==
            proxy_authentication_required) {  // answered by credentials, unless nobody has any
            if (!context_.waited_after(flow_, proxy.response)) {
                return inconclusive(InconclusiveReason::capture_ended,
                                    {proxy.request, proxy.response});
            }
            if (server_data_acknowledged() ||
                context_.visibility.lost_between(proxy.response.time,
                                                 proxy.response.time + patience)) {
                return inconclusive(InconclusiveReason::capture_loss,
                                    {proxy.request, proxy.response});
            }
        }
        FlowVerdict verdict =
            blocked(BlockReason::proxy_denied, Stage::proxy, {proxy.request, proxy.response});
        verdict.grade = Grade::a;
        add_note(verdict, fmt::format("proxy_status {}", proxy.status));
        return verdict;
    }

    /// After the handshake (or the CONNECT): what the client sent first and what came back.
    [[nodiscard]] FlowVerdict judge_established(const PacketMark& client_payload,
                                                const PacketMark& server_payload) const {
        const bool hello = static_cast<bool>(flow_.tls->client_hello);
        if (server_payload && !ended_before(server_payload)) {
            return judge_answered(server_payload);
        }
        if (server_data_acknowledged() && !flow_.rare->proxy->request) {
            return passed_unseen({tcp_.syn, tcp_.syn_ack, client_.payload});
        }
        if (server_data_acknowledged() && client_payload) {  // the proxy's, or from inside
            return inconclusive(InconclusiveReason::capture_loss, {client_payload});
        }
        if (ended_by_server(client_payload)) {
            return judge_ended_by_server(client_payload, hello);
        }
        if (!client_payload && (client_.unseen > 0 || client_.fin_after_unseen)) {
            return inconclusive(InconclusiveReason::capture_loss, {tcp_.syn_ack, client_.fin});
        }
        if (!client_payload) {
            return pass({tcp_.syn, tcp_.syn_ack, tcp_.established});  // nothing was asked
        }
        if (const auto* error = refusing_icmp(flow_, context_, client_payload.time)) {
            return judge_icmp(flow_, *error, Stage::tcp, context_);
        }
        return judge_silence(client_payload, hello);
    }

    /// A reset of the server ended the connection before that, unless the client took what came
    /// behind it: it was not for the client, or outside its window (RFC 5961 3).
    [[nodiscard]] bool ended_before(const PacketMark& server_payload) const {
        return server_.rst->at && !server_.rst->overtook && !server_.rst->outlived &&
               came_before(server_.rst->at, server_payload);
    }

    [[nodiscard]] FlowVerdict judge_answered(const PacketMark& server_payload) const {
        const auto& tls = *flow_.tls;
        if (refused_with_alert()) {
            return judge_alert();
        }
        if (refused_in_plain_text()) {
            return judge_plain_answer();
        }
        FlowVerdict verdict = passed();
        for (const auto& mark : {tcp_.syn, tcp_.syn_ack, client_.payload, server_payload}) {
            add_evidence(verdict, mark);
        }
        if (tls.client_alert->at) {
            add_note(verdict, "intercept_rejected");
            add_evidence(verdict, tls.client_alert->at);
        }
        note_end(verdict);
        return verdict;
    }

    /// A ClientHello that the capture lost was refused all the same. Without the SYN-ACK, what was
    /// seen first need not be what the server said first: other octets may be missing.
    [[nodiscard]] bool refused_with_alert() const noexcept {
        const bool asked = flow_.tls->client_hello || client_.unseen > 0;
        const bool whole = tcp_.syn_ack || !server_data_acknowledged();
        return asked && flow_.tls->server_alert->first_record && whole;
    }
    /// The middle of a record is no TLS either; without the SYN-ACK only a status line tells.
    [[nodiscard]] bool refused_in_plain_text() const noexcept {
        const bool is_text = tcp_.syn_ack || flow_.rare->http->status != 0;
        return flow_.tls->client_hello && flow_.tls->plain_answer && is_text;
    }

    /// Filters say that access is denied, or that they do not know the name (RFC 8446 6.2); all
    /// other alerts are the server speaking, if they came from where it is.
    [[nodiscard]] FlowVerdict judge_alert() const {
        constexpr std::uint8_t access_denied = 49;
        constexpr std::uint8_t unrecognized_name = 112;
        const auto& tls = *flow_.tls;
        const auto& question = tls.client_hello ? tls.client_hello : tcp_.syn_ack;
        auto note = fmt::format("tls_alert {}", tls.server_alert->code);
        const bool of_filters =
            tls.server_alert->code == access_denied || tls.server_alert->code == unrecognized_name;
        if (!of_filters &&
            context_.hops.compare(flow_, tls.server_alert->hop_limit) != Distance::elsewhere) {
            return server_refused(std::move(note), {question, tls.server_alert->at});
        }
        FlowVerdict verdict =
            blocked(BlockReason::tls_alert, Stage::tls, {question, tls.server_alert->at});
        add_note(verdict, std::move(note));
        return verdict;
    }

    /// A page that forbids, in the place of a ServerHello, is a filter's; anything else in plain
    /// text comes from a server that does not speak TLS.
    [[nodiscard]] FlowVerdict judge_plain_answer() const {
        const auto& tls = *flow_.tls;
        if (!denies(*flow_.rare->http, *flow_.server_name)) {
            const auto status = flow_.rare->http->status;
            return server_refused(status == 0 ? "plain_text" : fmt::format("http {}", status),
                                  {tls.client_hello, tls.plain_answer});
        }
        return denied(*flow_.rare->http, tls.client_hello);
    }

    /// A reset, or a close that answers no close, before the server said anything.
    [[nodiscard]] FlowVerdict judge_ended_by_server(const PacketMark& client_payload,
                                                    bool hello) const {
        const auto end = server_end();
        const bool answers_unseen = server_.rst->answers_unseen;
        const bool asked_before = client_payload && came_before(client_payload, server_.rst->at);
        if ((!client_payload && client_.unseen > 0) ||
            (answers_unseen && (!client_payload || asked_before))) {
            // What was asked is not in the capture, or not all of it.
            return inconclusive(InconclusiveReason::capture_loss, {tcp_.syn_ack, end});
        }
        const bool unasked =
            server_.rst->at && !answers_unseen && came_before(server_.rst->at, client_payload);
        if (!client_payload || unasked) {
            return server_.rst->at ? judge_early_reset({tcp_.syn, tcp_.syn_ack, server_.rst->at})
                                   : pass({tcp_.syn, tcp_.syn_ack, server_.fin});
        }
        const bool by_fin = end.number != server_.rst->at.number;
        const bool after_unseen =
            by_fin ? server_.fin_after_unseen
                   : server_.rst->after_unseen && context_.visibility.loses_segments();
        if (after_unseen) {
            return inconclusive(InconclusiveReason::capture_loss, {client_payload, end});
        }
        if (by_fin && !hello && server_.fin_acks_all) {
            return server_refused("fin", {client_payload, end});
        }
        return blocked(hello ? BlockReason::tls_reset : BlockReason::payload_reset,
                       hello ? Stage::tls : Stage::tcp, {tcp_.syn_ack, client_payload, end});
    }

    [[nodiscard]] FlowVerdict judge_silence(const PacketMark& client_payload, bool hello) const {
        if (lost_for_their_size()) {
            FlowVerdict verdict =
                inconclusive(InconclusiveReason::no_answer, {client_payload, flow_.client().last});
            add_note(verdict, "mtu");
            return verdict;
        }
        if (gave_up_early(client_payload)) {
            return inconclusive(InconclusiveReason::no_answer, {client_payload, client_end()});
        }
        // Data in a SYN (RFC 7413) are asked again once the connection stands.
        const auto& stands = tcp_.established ? tcp_.established : tcp_.syn_ack;
        const auto& asked = came_before(client_payload, stands) ? stands : client_payload;
        if (!context_.waited_after(flow_, asked)) {
            return inconclusive(InconclusiveReason::capture_ended, {client_payload});
        }
        if (hello) {
            return silence(BlockReason::tls_timeout, Stage::tls,
                           {tcp_.syn_ack, client_payload, client_.payload_again});
        }
        if (flow_.cut_before_decision) {  // what it asks would have decided
            return inconclusive(InconclusiveReason::truncated, {client_payload});
        }
        // A server may listen in silence: only what is sent again and never acknowledged is lost.
        // (Behind a proxy that cannot be told: these are the proxy's own acknowledgements.)
        if (client_.payload_sends >= 2 && !client_.payload_acked) {
            return silence(BlockReason::payload_timeout, Stage::tcp,
                           {tcp_.syn_ack, client_payload, client_.payload_again});
        }
        return inconclusive(InconclusiveReason::no_answer, {client_payload});
    }

    /// Only full-size segments were lost while smaller ones arrived, or a router said so. Where the
    /// client's large ones get through elsewhere it is not for their size: a filter that drops the
    /// part of a ClientHello with the name lets the other part pass.
    [[nodiscard]] bool lost_for_their_size() const {
        return too_large_for_path(flow_, context_.observation) ||
               (only_large_lost(client_) &&
                !context_.visibility.large_ones_arrive(flow_.client().address(),
                                                       client_.smallest_segment_lost)) ||
               only_large_lost(server_);
    }

    /// Whether the server's side ended the connection, and not in answer to the client's own end. A
    /// FIN that precedes the question only says that the server had nothing to add; a reset behind
    /// both is what a closed socket answers, and the FIN the end.
    [[nodiscard]] bool ended_by_server(const PacketMark& question) const {
        const auto& end = server_end();
        if (!end || (question && !server_.rst->at && came_before(end, question))) {
            return false;
        }
        return !client_end() || came_before(end, client_end());
    }
    [[nodiscard]] const PacketMark& server_end() const {
        return earlier(server_.rst->at, server_.fin);
    }
    [[nodiscard]] const PacketMark& client_end() const {
        return earlier(client_.fin, client_.rst->at);
    }
    /// The client closed the connection before anybody who waits would have an answer.
    [[nodiscard]] bool gave_up_early(const PacketMark& question) const {
        return client_end() && client_end().time - question.time < patience;
    }

    /// A block that rests on silence; a capture that lost packets cannot claim it.
    [[nodiscard]] FlowVerdict silence(BlockReason reason, Stage stage,
                                      std::initializer_list<PacketMark> evidence) const {
        if (context_.visibility.one_sided(flow_) || Visibility::behaves_as_answered(flow_)) {
            return inconclusive(InconclusiveReason::one_sided_capture, evidence);
        }
        if (context_.visibility.lost_between(flow_.first_seen(), flow_.last_seen() + patience) ||
            (context_.visibility.loses_segments() && breaks_off())) {
            return inconclusive(InconclusiveReason::capture_loss, evidence);
        }
        return blocked(reason, stage, evidence);
    }

    /// Nothing of the client follows what it asked: it neither repeats it, as it does what nobody
    /// acknowledged (RFC 6298), nor closes the connection, as it does when it gives up.
    [[nodiscard]] bool breaks_off() const noexcept {
        const auto& hello = flow_.tls->client_hello;
        const auto& asked = hello.number > client_.payload.number ? hello : client_.payload;
        const auto& last = flow_.client().last;
        return last.time - asked.time <= base::out_of_order &&
               last.number != tcp_.last_syn.number && !client_.payload_again;
    }

    [[nodiscard]] FlowVerdict one_sided() const {
        return inconclusive(InconclusiveReason::one_sided_capture,
                            {flow_.client().first, flow_.server().first});
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
        const auto& reset =
            server_.rst->outlived ? client_.rst->at : earlier(server_.rst->at, client_.rst->at);
        const bool closing = server_.fin || client_.fin;
        if (reset && !closing && flow_.client().payload_packets > 0 &&
            flow_.server().payload_packets > 0) {
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
    const facts::TcpEnd& client_;
    const facts::TcpEnd& server_;
    const CaptureContext& context_;
};

}  // namespace

FlowVerdict judge_tcp(const facts::Flow& flow, const CaptureContext& context) {
    FlowVerdict verdict = TcpJudge(flow, context).judge();
    note_icmp(flow, context.observation, verdict);
    return verdict;
}

}  // namespace turnpike::verdict
