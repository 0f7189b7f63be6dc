// IP fragments (source's last octet, id, offset in eight octets and the more flag, length, octets):
// what is put together is one of the datagrams, within its bounds.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/require.h"
#include "turnpike/base/cursor.h"
#include "turnpike/wire/decoder.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t raw_ip = 101;
    wire::PacketDecoder decoder({.datagrams = 4, .fragment_octets = std::size_t{64} << 10U});
    base::Cursor cursor{base::Bytes{data, size}};
    std::uint64_t number = 0;
    while (!cursor.empty()) {
        const std::uint8_t source = cursor.u8();
        const std::uint8_t id = cursor.u8();
        const std::uint16_t place = cursor.u16() & 0x3fffU;
        const auto bytes = cursor.take(cursor.u8());
        if (!cursor.ok()) {
            break;
        }
        const auto length = static_cast<std::uint16_t>(20 + bytes.size());
        std::vector<std::uint8_t> packet{0x45,
                                         0,
                                         static_cast<std::uint8_t>(length >> 8U),
                                         static_cast<std::uint8_t>(length),
                                         0,
                                         id,
                                         static_cast<std::uint8_t>(place >> 8U),
                                         static_cast<std::uint8_t>(place),
                                         64,
                                         17,
                                         0,
                                         0,
                                         192,
                                         0,
                                         2,
                                         source,
                                         192,
                                         0,
                                         2,
                                         1};
        packet.insert(packet.end(), bytes.begin(), bytes.end());
        wire::Packet out;
        ++number;
        const auto decoded = decoder.decode(
            raw_ip, packet, length,
            base::from_nanoseconds(static_cast<std::int64_t>(number) * 1'000'000'000), number, out);
        require(!decoded || out.payload.size() <= 65'535U);
    }
    const auto& counts = decoder.fragment_counts();
    require(counts.reassembled <= counts.fragments);
    return 0;
}
