// Any octets as a stream of framed messages (RFC 4571, RFC 8656 12.5, Microsoft's TURN), as
// ChannelData, and as whatever else is only named.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/other.h"
#include "turnpike/proto/stream_framing.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::Bytes stream{data, size};
    static_cast<void>(proto::probe_rfc4571(stream));
    static_cast<void>(proto::classify_datagram(stream));
    static_cast<void>(proto::probe_channel_data(stream));
    static_cast<void>(proto::decode_multiplexed_turn(stream));
    for (const std::uint16_t port : {std::uint16_t{22}, std::uint16_t{123}, std::uint16_t{5060}}) {
        static_cast<void>(
            proto::probe_other_datagram(stream, {.source = port, .destination = 40'000}));
        static_cast<void>(
            proto::probe_other_stream(stream, {.source = 40'000, .destination = port}));
    }
    while (!stream.empty()) {
        const auto message = proto::next_framed_message(stream);
        if (!message) {
            break;
        }
        require(message->consumed > 0 && message->consumed <= stream.size());
        stream = stream.subspan(message->consumed);
    }
    return 0;
}
