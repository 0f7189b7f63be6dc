// Media in one direction only: on the flow itself, and whether the other direction took another
// path.
#include "verdict/one_way.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "verdict/flow_match.h"
#include "verdict/media.h"

namespace turnpike::verdict {
namespace {

/// Two agents may each have chosen another pair of addresses (RFC 8445 8.1.1): then media leave by
/// one flow of the session, and come in by another one. Without ICE RTCP has ports of its own, the
/// next ones (RFC 3550 11).
class OtherPaths {
  public:
    void want(const facts::Flow& flow, bool from_client) {
        paths_.want(of_port(flow, from_client));
        paths_.want(of_ports(flow, from_client, 1));
        if (const auto session = of_session(flow, from_client); session.text != 0) {
            paths_.want(session);
        }
    }
    void add(const facts::Flow& flow) {
        for (const bool from_client : {true, false}) {
            const facts::Side side = from_client ? flow.client_side : flow.server_side();
            const facts::MediaEnd& sent = flow.media->ends[side];
            if (sent.rtp_packets + sent.rtcp_packets > 0) {
                const auto& end = flow.ends[side];
                const bool rtp = sent.rtp_packets > 0;  // of RTCP alone nobody notes the time
                const auto from = rtp ? sent.rtp_first.time : end.first.time;
                const auto to = rtp ? sent.rtp_last.time : end.last.time;
                paths_.add(of_port(flow, from_client), from, to, 0, 0);
                paths_.add(of_ports(flow, from_client, 0), from, to, 0, 0);
                paths_.add(of_session(flow, from_client), from, to, 0, 0);
            }
        }
    }
    void prepare() { paths_.prepare(); }
    [[nodiscard]] bool found(const facts::Flow& flow, bool from_client, base::Timestamp from,
                             base::Timestamp to) const {
        const auto session = of_session(flow, from_client);
        return paths_.find(of_port(flow, from_client), from, to).has_value() ||
               paths_.find(of_ports(flow, from_client, 1), from, to).has_value() ||
               (session.text != 0 && paths_.find(session, from, to).has_value());
    }

  private:
    static FlowMatch of_port(const facts::Flow& flow, bool from_client) {
        return {.kind = FlowMatch::Kind::client_port,
                .transport = flow.transport,
                .port = flow.client().port(),
                .number = from_client ? 1U : 0U,
                .client = part(flow.client().address())};
    }
    /// Between the same two hosts, on ports that are so much higher.
    static FlowMatch of_ports(const facts::Flow& flow, bool from_client, std::uint16_t higher) {
        const auto port = static_cast<std::uint16_t>(flow.client().port() + higher);
        const auto far_port = static_cast<std::uint16_t>(flow.server().port() + higher);
        return {.kind = FlowMatch::Kind::client_host,
                .transport = flow.transport,
                .port = port,
                .number = (std::uint64_t{far_port} << 1U) | (from_client ? 1U : 0U),
                .client = part(flow.client().address()),
                .server = part(flow.server().address())};
    }
    static FlowMatch of_session(const facts::Flow& flow, bool from_client) {
        return {.kind = FlowMatch::Kind::ice_session,
                .number = from_client ? 1U : 0U,
                .text = part(session_key(flow))};
    }

    FlowIndex paths_;
};

bool is_one_way(const FlowVerdict& verdict) noexcept {
    return verdict.outcome == Outcome::blocked && verdict.reason == BlockReason::one_way;
}

/// Media of one end, while the other one is silent.
struct Talk {
    facts::Side side = 0;
    facts::PacketMark first;
    facts::PacketMark last;
};

/// RTP, or a DTLS hello that is sent again and again: media wait for its answer (RFC 5764 5.1.2).
std::optional<Talk> talk_of(const facts::Flow& flow) {
    constexpr std::uint32_t repeated = 3;
    for (const auto side : {flow.client_side, flow.server_side()}) {
        const auto& talking = flow.media->ends[side];
        const auto& silent = flow.media->ends[facts::other(side)];
        if (talking.rtp_packets > 0 && silent.rtp_packets == 0 && silent.rtcp_packets == 0) {
            return Talk{side, talking.rtp_first, talking.rtp_last};
        }
    }
    const auto& dtls = *flow.rare->dtls;
    if (dtls.hellos >= repeated && !dtls.server_record && !shows_media(flow)) {
        return Talk{dtls.client, dtls.client_hello, dtls.last_hello};
    }
    return std::nullopt;
}

/// A layer below media answered.
bool lower_layer_answered(const facts::Flow& flow) noexcept {
    const auto& server = flow.server_of(*flow.stun);
    return server.responses + flow.client_of(*flow.stun).responses > 0 || server.channel_data > 0 ||
           flow.rare->dtls->server_record || flow.transport == facts::Transport::tcp;
}

}  // namespace

void check_one_way(const facts::Flow& flow, const CaptureContext& context, FlowVerdict& verdict) {
    const auto talk = talk_of(flow);
    if (!talk || talk->last.time - talk->first.time < patience || !lower_layer_answered(flow)) {
        return;
    }
    if (context.visibility.lost_between(talk->first.time, talk->last.time) ||
        flow.tcp->ends[facts::other(talk->side)].unseen > 0) {
        verdict = inconclusive(InconclusiveReason::capture_loss, {talk->first, talk->last});
        return;
    }
    auto notes = std::move(verdict.notes);
    verdict = blocked(BlockReason::one_way, Stage::media,
                      {flow.server_of(*flow.stun).first_response, talk->first, talk->last});
    verdict.notes = std::move(notes);
    std::erase_if(verdict.notes.make(),
                  [](const std::string& note) { return note.starts_with("interrupted"); });
}

void excuse_one_way(const facts::Rows<facts::Flow>& flows, FlowVerdicts& verdicts) {
    struct Suspect {
        std::size_t flow = 0;
        Talk talk;
    };
    std::vector<Suspect> suspects;
    OtherPaths paths;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (!is_one_way(verdicts[i])) {
            continue;
        }
        if (const auto talk = talk_of(flows[i])) {
            suspects.push_back({i, *talk});
            paths.want(flows[i], talk->side != flows[i].client_side);
        }
    }
    if (suspects.empty()) {
        return;
    }
    for (const auto& flow : flows) {
        paths.add(flow);
    }
    paths.prepare();
    for (const auto& [i, talk] : suspects) {
        if (paths.found(flows[i], talk.side != flows[i].client_side, talk.first.time,
                        talk.last.time)) {
            verdicts[i].outcome = Outcome::passed;
            verdicts[i].reason = BlockReason::none;
            verdicts[i].stage = Stage::none;
            verdicts[i].grade = Grade::none;
        }
    }
}

}  // namespace turnpike::verdict
