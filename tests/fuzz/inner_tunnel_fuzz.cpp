// Any octets as what a mirror sends: VXLAN and GENEVE over UDP, decoded to the innermost packet.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/udp_header.h"
#include "fuzz/require.h"
#include "turnpike/wire/decoder.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t raw_ip = 101;
    if (size > 60'000) {
        return 0;
    }
    for (const std::uint16_t port : {std::uint16_t{4789}, std::uint16_t{6081}}) {
        const capture::UdpHeader header({base::IpAddress::v4(0xc0000201), 40'000},
                                        {base::IpAddress::v4(0xc0000202), port}, size);
        const auto front = header.bytes();
        std::vector<std::uint8_t> frame(front.begin(), front.end());
        frame.insert(frame.end(), data, data + size);
        wire::PacketDecoder decoder;
        wire::Packet packet;
        const auto decoded = decoder.decode(raw_ip, frame, static_cast<std::uint32_t>(frame.size()),
                                            base::Timestamp{}, 1, packet);
        if (decoded && !packet.payload.empty() && !packet.reassembled) {
            require(packet.payload.data() >= frame.data() &&
                    packet.payload.data() + packet.payload.size() <= frame.data() + frame.size());
        }
    }
    return 0;
}
