// The ranges of RFC 7983 7 and RFC 9443 2, octet by octet.
#include "turnpike/proto/demux.h"

#include <gtest/gtest.h>

#include <array>

namespace turnpike::proto {
namespace {

DatagramKind kind_of(unsigned first, unsigned second = 0) {
    const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(first),
                                            static_cast<std::uint8_t>(second)};
    return classify_datagram(bytes);
}

TEST(Demux, CoversEveryFirstOctet) {
    for (unsigned first = 0; first < 256; ++first) {
        const auto expected = first <= 3     ? DatagramKind::stun
                              : first <= 15  ? DatagramKind::unknown
                              : first <= 19  ? DatagramKind::zrtp
                              : first <= 63  ? DatagramKind::dtls
                              : first <= 79  ? DatagramKind::turn_channel
                              : first <= 127 ? DatagramKind::quic
                              : first <= 191 ? DatagramKind::rtp
                                             : DatagramKind::quic;
        EXPECT_EQ(kind_of(first), expected) << first;
    }
}

TEST(Demux, TheSecondOctetTellsRtcp) {
    EXPECT_EQ(kind_of(0x80, 191), DatagramKind::rtp);
    EXPECT_EQ(kind_of(0x80, 192), DatagramKind::rtcp);
    EXPECT_EQ(kind_of(0x80, 223), DatagramKind::rtcp);
    EXPECT_EQ(kind_of(0x80, 224), DatagramKind::rtp);
    EXPECT_EQ(kind_of(0xff, 0x10), DatagramKind::multiplexed_turn);
    EXPECT_EQ(kind_of(0xff, 0x11), DatagramKind::quic);
}

TEST(Demux, AcceptsShortDatagrams) {
    EXPECT_EQ(classify_datagram({}), DatagramKind::empty);
    const std::array<std::uint8_t, 1> one{0x80};
    EXPECT_EQ(classify_datagram(one), DatagramKind::rtp);
}

}  // namespace
}  // namespace turnpike::proto
