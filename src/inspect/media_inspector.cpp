// Follows RTP sources, and records those that enough packets confirm.
#include "media_inspector.h"

#include <algorithm>

#include "turnpike/proto/rtcp.h"

namespace turnpike::inspect {
namespace {

// Without anything else on the flow that speaks for media, so many packets of one source must be in
// sequence: a counter and a constant at the right places occur in other protocols too.
constexpr std::uint64_t packets_without_context = 5;

}  // namespace

bool MediaInspector::rtp(const PayloadContext& payload, base::Bytes octets, MediaState& media) {
    const auto packet = proto::decode_rtp(octets);
    if (!packet) {
        return false;
    }
    MediaSource& source = find(payload, packet->ssrc, media);
    source.stream.update(*packet, payload.at.time);
    source.last = payload.at;
    if (!source.recorded && !confirm(payload, source, media)) {
        source.octets += static_cast<std::uint32_t>(octets.size());
        return true;
    }
    facts::RtpStream& row = context_.observation.rtp[source.row];
    row.packets = source.stream.packets();
    row.last = payload.at;
    row.seconds.add(payload.at.time, 1, static_cast<std::uint32_t>(octets.size()),
                    source.stream.lost(), source.stream.jitter_ms());
    facts::MediaFacts& facts = payload.flow().media.make();
    facts::MediaEnd& sent = facts.ends[payload.side];
    ++sent.rtp_packets;
    sent.rtp_last = payload.at;
    facts.through_relay = facts.through_relay || payload.relayed;
    return true;
}

// Records a source that has enough packets; the present one is still to be counted.
bool MediaInspector::confirm(const PayloadContext& payload, MediaSource& source,
                             MediaState& media) {
    const proto::RtpStreamState& stream = source.stream;
    const bool context = media.context || media.confirmed || payload.relayed;
    if (!stream.confirmed() ||
        (!context && (stream.packets() < packets_without_context || stream.restarts() > 0 ||
                      stream.lost() > static_cast<std::int64_t>(stream.packets())))) {
        return false;
    }
    if (!context_.has_room<facts::RtpKind>()) {
        return false;
    }
    const auto [index, row] = context_.add<facts::RtpKind>();
    source.row = index;
    source.recorded = true;  // only now: there may be no memory for the row
    media.confirmed = true;
    row.flow = payload.state.index;
    row.side = payload.side;
    row.ssrc = source.ssrc;
    row.payload_type = stream.payload_type();
    row.first = source.first;
    row.seconds.add(source.first.time, static_cast<std::uint32_t>(stream.packets()) - 1,
                    source.octets, 0, {});
    facts::Flow& flow = payload.flow();
    flow.rare.make().streams.push_back(source.row);
    note_protocol(flow, facts::Protocol::rtp);
    facts::MediaEnd& sent = flow.media.make().ends[payload.side];
    sent.rtp_packets += stream.packets() - 1;
    if (!sent.rtp_first || sent.rtp_first.number > source.first.number) {
        sent.rtp_first = source.first;
    }
    return true;
}

bool MediaInspector::rtcp(const PayloadContext& payload, base::Bytes octets, MediaState& media) {
    const bool context = media.context || media.confirmed || payload.relayed;
    const proto::Likelihood likelihood = proto::probe_rtcp(octets);
    if (likelihood == proto::Likelihood::no ||
        (likelihood == proto::Likelihood::maybe && !context)) {
        return false;
    }
    // Lengths that fill the datagram and only known types: that supports RTP on the same flow.
    media.context = true;
    facts::Flow& flow = payload.flow();
    note_protocol(flow, facts::Protocol::rtcp);
    facts::MediaFacts& facts = flow.media.make();
    ++facts.ends[payload.side].rtcp_packets;
    facts.through_relay = facts.through_relay || payload.relayed;
    return true;
}

void MediaInspector::record(const MediaState& media) {
    for (const MediaSource& source : media.sources) {
        if (!source.recorded) {
            continue;
        }
        facts::RtpStream& row = context_.observation.rtp[source.row];
        row.payload_type = source.stream.payload_type();
        row.packets = source.stream.packets();
        row.lost = source.stream.lost();
        row.jitter_ms = source.stream.jitter_ms();
        row.last = source.last;
    }
}

MediaSource& MediaInspector::find(const PayloadContext& payload, std::uint32_t ssrc,
                                  MediaState& media) {
    auto& sources = media.sources;
    const auto is_it = [&](const MediaSource& source) {
        return source.ssrc == ssrc && source.side == payload.side &&
               source.relayed == payload.relayed;
    };
    std::uint16_t& recent = media.recent[payload.side];
    if (recent < sources.size() && is_it(sources[recent])) {
        return sources[recent];
    }
    auto found = std::ranges::find_if(sources, is_it);
    if (found == sources.end()) {
        if (sources.size() < facts::RtpKind::most_of_flow) {
            sources.emplace_back();
            found = sources.end() - 1;
        } else {
            // The oldest goes, candidates before sources.
            found = std::ranges::min_element(sources, {}, [](const MediaSource& source) {
                return std::pair(source.recorded, source.last.number);
            });
            record(media);
            if (found->recorded) {
                context_.streams_ended.push_back(found->row);
            }
            *found = MediaSource{};
        }
        found->ssrc = ssrc;
        found->side = payload.side;
        found->relayed = payload.relayed;
        found->first = payload.at;
    }
    recent = static_cast<std::uint16_t>(found - sources.begin());
    return *found;
}

}  // namespace turnpike::inspect
