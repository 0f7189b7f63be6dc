// Any octets as a datagram of Google's QUIC, and as a message within one.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/gquic.h"

using namespace turnpike;
using fuzz::require;

namespace {

bool within(std::string_view text, base::Bytes bytes) {
    const auto* const begin = reinterpret_cast<const std::uint8_t*>(text.data());
    return text.empty() ||
           (begin >= bytes.data() && begin + text.size() <= bytes.data() + bytes.size());
}

void read_message(base::Bytes bytes) {
    if (const auto message = proto::decode_gquic_message(bytes)) {
        require(within(message->server_name, bytes) && within(message->user_agent, bytes));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    static_cast<void>(proto::probe_gquic(bytes));
    read_message(bytes);
    if (const auto packet = proto::decode_gquic_packet(bytes)) {
        if (const auto message = proto::find_gquic_message(packet->payload)) {
            read_message(*message);
        }
    }
    return 0;
}
