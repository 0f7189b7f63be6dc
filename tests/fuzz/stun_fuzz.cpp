// Any bytes as STUN, TURN ChannelData and what frames them, message after message.
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/stream_framing.h"
#include "turnpike/proto/stun.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

bool is_inside(Bytes part, Bytes whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void every_stun_message(Bytes bytes) {
    while (!bytes.empty()) {
        const auto likelihood = probe_stun(bytes);
        const auto message = decode_stun(bytes);
        if (!message) {
            return;
        }
        require(message->consumed() >= 20 && message->consumed() <= bytes.size());
        require(is_inside(message->data, bytes));
        require(likelihood != Likelihood::yes || !message->classic ||
                (!message->attribute_error && message->consumed() == bytes.size()));
        for (const auto& peer : message->peers()) {
            require(static_cast<bool>(peer));
        }
        bytes = bytes.subspan(message->consumed());
    }
}

void every_channel_message(Bytes bytes, ChannelPadding padding) {
    while (const auto message = decode_channel_data(bytes, padding)) {
        require(message->consumed >= 4 && message->consumed <= bytes.size());
        require(is_inside(message->payload, bytes));
        bytes = bytes.subspan(message->consumed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    every_stun_message(bytes);
    every_channel_message(bytes, ChannelPadding::optional_on_udp);
    every_channel_message(bytes, ChannelPadding::required_on_tcp);
    static_cast<void>(probe_channel_data(bytes));
    static_cast<void>(probe_rfc4571(bytes));
    if (const auto session = decode_multiplexed_turn(bytes)) {
        require(session->consumed == session->payload.size() + 12);
        every_stun_message(session->payload);
    }
    return 0;
}
