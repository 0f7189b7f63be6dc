// The decoder allocates nothing once it is warm.

#include "support/counted_allocation.h"
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

using turnpike::test::allocations;

/// Everything is passed through once to warm up; then nothing may be allocated any more.
TEST(Decoder, AllocatesNothingAfterWarmUp) {
    const Octets datagram = udp(client_port, server_port, zeros(1000));
    const auto piece = [&datagram](std::size_t begin, std::size_t end) {
        return ethernet(0x0800, ipv4(17,
                                     {datagram.begin() + static_cast<std::ptrdiff_t>(begin),
                                      datagram.begin() + static_cast<std::ptrdiff_t>(end)},
                                     {.fragmentation = static_cast<std::uint16_t>(
                                          (end == 1008 ? 0U : 0x2000U) | begin / 8)}));
    };
    const std::vector<Octets> frames{
        call_frame(),
        ethernet(0x8100, join({be16(7), be16(0x0800), call()})),
        ethernet(0x0800, ipv4(17, udp(1, 4789, join({be32(0x08000000), be32(1), call_frame()})))),
        piece(0, 504),
        piece(504, 1008),
        ethernet(0x0806, zeros(28)),
        zeros(5)};
    PacketDecoder decoder;
    Packet packet;
    std::uint64_t number = 0;
    const auto pass = [&] {
        for (const Octets& frame : frames) {
            decoder.decode(linktype_ethernet, frame, 0, {}, ++number, packet);
        }
    };
    pass();
    const std::size_t before = allocations.made;
    for (int i = 0; i < 1000; ++i) {
        pass();
    }
    EXPECT_EQ(allocations.made, before);
    EXPECT_EQ(decoder.fragment_counts().reassembled, 1001U);
}

}  // namespace
}  // namespace turnpike::wire::test
