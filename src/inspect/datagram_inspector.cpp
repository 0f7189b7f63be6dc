// Recognises datagrams by what their flow carried before, by their first octets and by ports.
#include "datagram_inspector.h"

#include "orientation.h"
#include "other_protocol.h"
#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/dns.h"
#include "turnpike/proto/gquic.h"
#include "turnpike/proto/zoom.h"

namespace turnpike::inspect {
namespace {

using proto::DatagramKind;
using proto::Likelihood;

constexpr std::uint16_t dns_port = 53;
// Ports of STUN and TURN servers: RFC 8489 18.6, RFC 8656 18.5; the second ones are RFC 5780's.
constexpr std::array<std::uint16_t, 4> stun_ports{3478, 3479, 5349, 5350};
constexpr std::uint8_t enough_hints = 2;
// A protocol that nobody knew for so many datagrams stays unknown.
constexpr std::uint8_t give_up_after = 64;
// Packets that looked like RTP and confirmed no source: many sources may take turns.
constexpr std::uint16_t most_rejected = 1'024;

bool has_stun_port(const PayloadContext& payload) noexcept {
    return std::ranges::any_of(stun_ports,
                               [&](std::uint16_t port) { return payload.has_port(port); });
}

/// Of a version that is not known yet only the padded beginning at the usual port counts (RFC 9000
/// 14.1, RFC 8999 5.1).
bool is_quic(const PayloadContext& payload, base::Bytes octets) noexcept {
    constexpr std::uint8_t long_form = 0x80;
    constexpr std::size_t least_initial = 1200;
    const Likelihood likelihood = proto::probe_quic(octets);
    return likelihood == Likelihood::yes || (payload.cut && proto::decode_quic_header(octets)) ||
           (likelihood == Likelihood::maybe && octets.size() >= least_initial &&
            (octets[0] & long_form) != 0 && payload.has_port(443));
}

/// A server of QUIC at the usual port hears a short header only once it has answered a long one.
void note_short_header(const PayloadContext& payload, base::Bytes octets) {
    constexpr std::uint8_t form_and_fixed_bit = 0xc0;
    constexpr std::uint8_t short_form = 0x40;
    facts::Flow& flow = payload.flow();
    const auto packets = flow.ends[0].payload_packets + flow.ends[1].payload_packets;
    if (packets == 1 && payload.destination().port == 443 && !octets.empty() &&
        (octets[0] & form_and_fixed_bit) == short_form) {
        flow.short_header_first = true;
    }
}

bool has_zoom_port(const PayloadContext& payload) noexcept {
    return proto::is_zoom_server_port(payload.source().port) ||
           proto::is_zoom_server_port(payload.destination().port);
}

/// A message that the snap length cut is known by its cookie.
Likelihood probe_stun(const PayloadContext& payload, base::Bytes octets) {
    const Likelihood whole = proto::probe_stun(octets);
    if (whole != Likelihood::maybe || !payload.cut) {
        return whole;
    }
    const auto left = proto::decode_stun_prefix(octets);
    return left && left->cut ? Likelihood::yes : whole;
}

/// What comes out of a relay, as its first octet tells (RFC 7983 7).
bool may_be_media(const PayloadContext& payload, base::Bytes octets) noexcept {
    constexpr std::uint8_t last_of_stun = 3;
    constexpr std::uint8_t first_of_dtls = 20;
    constexpr std::uint8_t last_of_dtls = 63;
    if (octets.empty()) {
        return payload.cut;
    }
    return octets[0] > last_of_stun && (octets[0] < first_of_dtls || octets[0] > last_of_dtls);
}

}  // namespace

DatagramState& datagram_state(FlowState& state) {
    if (!state.datagrams) {
        state.datagrams = std::make_unique<DatagramState>();
    }
    return *state.datagrams;
}

void DatagramInspector::datagram(const PayloadContext& payload, base::Bytes octets) {
    // Half of all flows are a question to a resolver and its answer, of which nothing need be kept.
    const bool dns_at_first = !payload.state.datagrams && payload.has_port(dns_port);
    if (dns_at_first && dns_.message(payload, octets, facts::Transport::udp)) {
        return;
    }
    DatagramState& state = datagram_state(payload.state);
    const bool media = state.media && state.media->confirmed;
    // What is known already comes first, so that a call's media costs one look.
    if (state.stun || media || state.dtls) {
        if (call_datagram(payload, octets, state)) {
            return;
        }
    }
    if (state.other) {
        return;
    }
    if (state.unrecognized < give_up_after &&
        (dns_at_first || !recognize(payload, octets, state))) {
        ++state.unrecognized;
        note_short_header(payload, octets);
        payload.flow().cut_before_decision = payload.flow().cut_before_decision || payload.cut;
    }
}

void DatagramInspector::framed_datagram(const PayloadContext& payload, base::Bytes octets) {
    DatagramState& state = datagram_state(payload.state);
    media_state(state).context = true;
    call_datagram(payload, octets, state);
}

bool DatagramInspector::recognize(const PayloadContext& payload, base::Bytes octets,
                                  DatagramState& state) {
    if (state.dns || payload.has_port(dns_port)) {
        return try_dns(payload, octets, state);
    }
    if (state.quic && try_quic(payload, octets, state)) {
        return true;
    }
    if (has_zoom_port(payload) && try_zoom(payload, octets, state)) {
        return true;
    }
    if (probe_stun(payload, octets) == Likelihood::yes && try_stun(payload, octets, state)) {
        return true;
    }
    if (is_quic(payload, octets) || proto::probe_gquic(octets) == Likelihood::yes) {
        return try_quic(payload, octets, state);
    }
    if (proto::probe_dtls(octets) == Likelihood::yes && try_dtls(payload, octets, state)) {
        return true;
    }
    if (try_other(payload, octets, state)) {
        return true;
    }
    if (!is_local_discovery(payload) && proto::probe_dns(octets) == Likelihood::yes) {
        return try_dns(payload, octets, state);
    }
    return call_datagram(payload, octets, state);
}

// The protocols that share a call's 5-tuple.
bool DatagramInspector::call_datagram(const PayloadContext& payload, base::Bytes octets,
                                      DatagramState& state) {
    switch (proto::classify_datagram(octets)) {
        case DatagramKind::rtp: {
            MediaState& media = media_state(state);
            if (!media.confirmed &&
                (media.rejected > most_rejected || proto::probe_rtp(octets) == Likelihood::no)) {
                return false;
            }
            media.context = media.context || state.stun || state.dtls != nullptr;
            if (!media.confirmed) {
                ++media.rejected;
            }
            return media_.rtp(payload, octets, media);
        }
        case DatagramKind::rtcp: {
            MediaState& media = media_state(state);
            media.context = media.context || state.stun || state.dtls != nullptr;
            return media_.rtcp(payload, octets, media);
        }
        case DatagramKind::stun:
            return try_stun(payload, octets, state);
        case DatagramKind::turn_channel:
            return try_channel_data(payload, octets, state);
        case DatagramKind::multiplexed_turn:
            if (const auto inner = proto::decode_multiplexed_turn(octets)) {
                if (proto::probe_stun(inner->payload) == Likelihood::yes) {
                    return try_stun(payload, inner->payload, state);
                }
                channel_data(payload, inner->payload);
                return true;
            }
            return false;
        case DatagramKind::dtls:
            return try_dtls(payload, octets, state);
        case DatagramKind::quic:
            return state.quic != nullptr && try_quic(payload, octets, state);
        case DatagramKind::zrtp:
        case DatagramKind::empty:
        case DatagramKind::unknown:
            return false;
    }
    return false;
}

bool DatagramInspector::try_stun(const PayloadContext& payload, base::Bytes octets,
                                 DatagramState& state) {
    const Likelihood likelihood = probe_stun(payload, octets);
    const bool support = state.stun || has_stun_port(payload);
    if (likelihood == Likelihood::no || (likelihood == Likelihood::maybe && !support)) {
        return false;
    }
    const auto message =
        payload.cut ? proto::decode_stun_prefix(octets) : proto::decode_stun(octets);
    if (!message) {
        context_.problems.count("stun", message.error());
        return false;
    }
    if (message->attribute_error) {
        context_.problems.count("stun", *message->attribute_error);
    }
    state.stun = true;
    state.turn = state.turn || message->is_turn();
    stun_message(payload, *message);
    return true;
}

void DatagramInspector::stun_message(const PayloadContext& payload,
                                     const proto::StunMessage& message) {
    stun_.message(payload, message);
    if (message.has_data && message.is_turn() && !payload.relayed) {
        relayed(payload, message.data);
    }
}

bool DatagramInspector::try_channel_data(const PayloadContext& payload, base::Bytes octets,
                                         DatagramState& state) {
    const Likelihood likelihood = proto::probe_channel_data(octets);
    if (likelihood == Likelihood::no && !(payload.cut && state.turn)) {
        return false;
    }
    if (!state.turn) {
        // The Allocate is not in the capture: a server's port or a second message must speak for
        // it.
        if (likelihood != Likelihood::yes) {
            return false;
        }
        ++state.channel_hints;
        if (!has_stun_port(payload) && state.channel_hints < enough_hints) {
            return false;
        }
        state.turn = true;
        state.stun = true;
    }
    const auto data = proto::decode_channel_data(octets, proto::ChannelPadding::optional_on_udp);
    channel_data(payload,
                 data ? data->payload : octets.subspan(std::min<std::size_t>(4, octets.size())));
    return true;
}

void DatagramInspector::channel_data(const PayloadContext& payload, base::Bytes octets) {
    if (!payload.relayed) {
        StunInspector::channel_data(payload);
        relayed(payload, octets);
    }
}

void DatagramInspector::relayed(const PayloadContext& payload, base::Bytes octets) {
    DatagramState& outer = datagram_state(payload.state);
    if (!outer.relayed) {
        outer.relayed = std::make_unique<DatagramState>();
    }
    if (may_be_media(payload, octets)) {
        ++payload.flow().stun.make().ends[payload.side].relayed_data;
    }
    const PayloadContext inner{payload.state, payload.side, payload.at, payload.cut, true};
    call_datagram(inner, octets, *outer.relayed);
}

bool DatagramInspector::try_dtls(const PayloadContext& payload, base::Bytes octets,
                                 DatagramState& state) {
    if (!state.dtls) {
        const Likelihood likelihood = proto::probe_dtls(octets);
        const bool support = state.stun || payload.relayed ||
                             (payload.cut && proto::decode_dtls_record_prefix(octets));
        if (likelihood == Likelihood::no || (likelihood == Likelihood::maybe && !support)) {
            return false;
        }
        state.dtls = std::make_unique<DtlsState>(context_.pool);
    }
    return dtls_.datagram(payload, octets, *state.dtls);
}

bool DatagramInspector::try_quic(const PayloadContext& payload, base::Bytes octets,
                                 DatagramState& state) {
    if (!state.quic) {
        state.quic = std::make_unique<QuicState>(context_.pool);
    }
    return quic_.datagram(payload, octets, *state.quic);
}

bool DatagramInspector::try_dns(const PayloadContext& payload, base::Bytes octets,
                                DatagramState& state) {
    if (!dns_.message(payload, octets, facts::Transport::udp)) {
        return false;
    }
    state.dns = true;
    return true;
}

bool DatagramInspector::try_zoom(const PayloadContext& payload, base::Bytes octets,
                                 DatagramState& state) {
    const auto packet = proto::decode_zoom(octets);
    if (!packet) {
        return false;
    }
    state.zoom = true;
    note_protocol(payload.flow(), facts::Protocol::zoom);
    MediaState& media = media_state(state);
    media.context = true;
    return packet->is_rtcp ? media_.rtcp(payload, packet->inner, media)
                           : media_.rtp(payload, packet->inner, media);
}

bool DatagramInspector::try_other(const PayloadContext& payload, base::Bytes octets,
                                  DatagramState& state) {
    const proto::PortPair ports{.source = payload.source().port,
                                .destination = payload.destination().port};
    const auto found = proto::probe_other_datagram(octets, ports);
    if (found == proto::OtherProtocol::none) {
        return false;
    }
    note_protocol(payload.flow(), as_fact(found));
    if (found == proto::OtherProtocol::sip) {
        prove_client(payload, !proto::is_sip_response(octets));
    }
    state.other = true;
    return true;
}

void DatagramInspector::end(FlowState& state) {
    if (!state.datagrams) {
        return;
    }
    if (state.datagrams->quic) {
        const PayloadContext payload{state, state.flow->client_side, state.flow->client().last};
        quic_.end(payload, *state.datagrams->quic);
    }
    record(state);
}

void DatagramInspector::record(const FlowState& state) {
    for (const DatagramState* datagrams = state.datagrams.get(); datagrams != nullptr;
         datagrams = datagrams->relayed.get()) {
        if (datagrams->media) {
            media_.record(*datagrams->media);
        }
    }
}

MediaState& DatagramInspector::media_state(DatagramState& state) {
    if (!state.media) {
        state.media = std::make_unique<MediaState>();
    }
    return *state.media;
}

}  // namespace turnpike::inspect
