// Takes STUN messages and ChannelData out of a stream.
#include "turn_stream.h"

#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"

namespace turnpike::inspect {

using Next = Progress::Next;

Progress TurnStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    if (gap) {
        context_.problems.count("turn", "gap in the stream");
    }
    if (proto::classify_datagram(octets) == proto::DatagramKind::turn_channel) {
        return read_channel_data(payload, octets);
    }
    const auto message = proto::decode_stun(octets);
    if (message) {
        messages_.stun_message(payload, *message);
        return {message->consumed(), Next::more};
    }
    if (message.error() == base::ParseError::truncated) {
        return {};
    }
    // Out of step, after a gap or because this is a connection of RFC 6062 to the peer: what begins
    // with the next segment may be readable again.
    context_.problems.count("turn", message.error());
    return {octets.size(), Next::wait};
}

Progress TurnStream::read_channel_data(const PayloadContext& payload, base::Bytes octets) {
    const auto data = proto::decode_channel_data(octets, proto::ChannelPadding::required_on_tcp);
    if (!data) {
        return {};
    }
    messages_.channel_data(payload, data->payload);
    return {data->consumed, Next::more};
}

}  // namespace turnpike::inspect
