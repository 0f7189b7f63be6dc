// Fuzzes the packet decoder. The input is a link type (two octets, big-endian) and frames, each
// with its length (two octets) and how much longer it was on the wire (one octet): several frames,
// so that fragments meet.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "turnpike/base/cursor.h"
#include "turnpike/wire/decoder.h"

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const turnpike::wire::Packet& packet) {
    require(static_cast<bool>(packet.source) && static_cast<bool>(packet.destination));
    require(packet.payload.size() <= packet.payload_length);
    // Every octet must be readable.
    std::uint8_t sum = 0;
    for (const std::uint8_t octet : packet.payload) {
        sum = static_cast<std::uint8_t>(sum + octet);
    }
    volatile std::uint8_t sink = sum;
    static_cast<void>(sink);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace turnpike;
    base::Cursor input(base::Bytes{data, size});
    const std::uint16_t link_type = input.u16();
    wire::PacketDecoder decoder({.datagrams = 8, .fragment_octets = std::size_t{64} * 1024});
    wire::Packet packet;
    std::int64_t time = 0;
    std::uint64_t number = 0;
    while (!input.empty()) {
        const std::uint16_t length = input.u16();
        const std::uint8_t missing = input.u8();
        const base::Bytes frame =
            length < input.remaining() ? input.take(length) : input.take(input.remaining());
        const auto wire_length = static_cast<std::uint32_t>(frame.size() + missing);
        time += 100'000'000;
        if (decoder.decode(link_type, frame, wire_length, base::from_nanoseconds(time), ++number,
                           packet)) {
            check(packet);
        }
    }
    return 0;
}
