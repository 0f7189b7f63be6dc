// Fragments of IPv4 and IPv6 datagrams, in every order and at every bound.
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

/// A UDP datagram whose payload is different in every octet.
Octets long_datagram(std::size_t payload) {
    Octets octets(payload);
    for (std::size_t i = 0; i < payload; ++i) {
        octets[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    }
    return udp(client_port, server_port, octets);
}

Octets part(const Octets& octets, std::size_t begin, std::size_t end) {
    return {octets.begin() + static_cast<std::ptrdiff_t>(begin),
            octets.begin() + static_cast<std::ptrdiff_t>(std::min(end, octets.size()))};
}

Octets fragment_v4(const Octets& datagram, std::size_t begin, std::size_t end,
                   std::uint16_t id = 0x1234) {
    const bool more = end < datagram.size();
    return ethernet(
        0x0800,
        ipv4(17, part(datagram, begin, end),
             {.id = id,
              .fragmentation = static_cast<std::uint16_t>((more ? 0x2000U : 0U) | begin / 8)}));
}

Octets fragment_v6(const Octets& datagram, std::size_t begin, std::size_t end,
                   std::uint32_t id = 0x1234) {
    const bool more = end < datagram.size();
    return ethernet(
        0x86dd,
        ipv6(
            44,
            join({{17, 0}, be16(begin | (more ? 1U : 0U)), be32(id), part(datagram, begin, end)})));
}

/// Decodes frames one after the other; one second of capture time between calls is up to the test.
class Fragments : public testing::Test {
  protected:
    Decoded feed(const Octets& frame, std::uint32_t wire_length = 0) {
        frame_ = frame;
        return decoder_.decode(linktype_ethernet, frame_, wire_length, time_, ++number_, packet_);
    }
    void expect_datagram(const Octets& datagram) const {
        EXPECT_TRUE(packet_.reassembled);
        EXPECT_EQ(packet_.source_port, client_port);
        EXPECT_EQ(packet_.destination_port, server_port);
        EXPECT_EQ(to_octets(packet_.payload), part(datagram, 8, datagram.size()));
        EXPECT_EQ(packet_.payload_length, datagram.size() - 8);
        EXPECT_EQ(packet_.number, number_);
        EXPECT_EQ(packet_.time, time_);
        EXPECT_EQ(packet_.hop_limit, 64);
    }

    Octets frame_;
    PacketDecoder decoder_;
    Packet packet_;
    base::Timestamp time_ = base::from_nanoseconds(0) + std::chrono::hours{1};
    std::uint64_t number_ = 0;
};

TEST_F(Fragments, AreJoinedInEveryOrder) {
    const Octets datagram = long_datagram(100);
    const std::vector<std::pair<std::size_t, std::size_t>> ranges{
        {0, 24}, {24, 32}, {32, 80}, {80, 108}};
    for (const bool v6 : {false, true}) {
        std::vector<std::size_t> order{0, 1, 2, 3};
        do {
            for (std::size_t i = 0; i < order.size(); ++i) {
                const auto [begin, end] = ranges[order[i]];
                const Decoded decoded = feed(v6 ? fragment_v6(datagram, begin, end)
                                                : fragment_v4(datagram, begin, end));
                const bool last = i + 1 == order.size();
                ASSERT_EQ(decoded.kind, last ? FrameKind::packet : FrameKind::fragment);
            }
            expect_datagram(datagram);
            EXPECT_EQ(packet_.ip_length, datagram.size() + (v6 ? 40 : 20));
            EXPECT_EQ(packet_.ip_id, v6 ? 0 : 0x1234);
        } while (std::ranges::next_permutation(order).found);
    }
    EXPECT_EQ(decoder_.fragment_counts().reassembled, 48U);
    EXPECT_EQ(decoder_.fragment_counts().fragments, 192U);
}

TEST_F(Fragments, RepeatedOnesAreIgnored) {
    const Octets datagram = long_datagram(40);
    for (const bool v6 : {false, true}) {
        const auto make = v6 ? fragment_v6(datagram, 0, 16) : fragment_v4(datagram, 0, 16);
        EXPECT_EQ(feed(make).kind, FrameKind::fragment);
        EXPECT_EQ(feed(make).kind, FrameKind::fragment);
        EXPECT_EQ(feed(v6 ? fragment_v6(datagram, 16, 48) : fragment_v4(datagram, 16, 48)).kind,
                  FrameKind::packet);
        expect_datagram(datagram);
    }
    EXPECT_EQ(decoder_.fragment_counts().refused, 0U);
}

TEST_F(Fragments, OfIpv4ThatOverlapKeepWhatCameFirst) {
    const Octets datagram = long_datagram(56);
    Octets forged = datagram;
    std::ranges::fill(forged, std::uint8_t{0xee});
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 32)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(forged, 16, 32)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(datagram, 0, 16)).kind, FrameKind::fragment);
    Octets mixed = datagram;
    std::fill(mixed.begin() + 16, mixed.begin() + 32, std::uint8_t{0xee});
    EXPECT_EQ(feed(fragment_v4(mixed, 8, 64)).kind, FrameKind::packet);
    expect_datagram(datagram);
}

TEST_F(Fragments, OfIpv6ThatOverlapAreRefused) {
    const Octets datagram = long_datagram(56);
    EXPECT_EQ(feed(fragment_v6(datagram, 0, 24)).kind, FrameKind::fragment);
    const Decoded overlapping = feed(fragment_v6(datagram, 16, 40));
    EXPECT_EQ(overlapping.kind, FrameKind::malformed);
    EXPECT_EQ(overlapping.layer, Layer::fragments);
    EXPECT_EQ(overlapping.error, base::ParseError::bad_value);
    // RFC 5722 4: the whole datagram is dropped, with the fragments still to come.
    EXPECT_EQ(feed(fragment_v6(datagram, 24, 64)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v6(datagram, 0, 24)).kind, FrameKind::fragment);
    EXPECT_EQ(decoder_.fragment_counts().refused, 1U);
    EXPECT_EQ(decoder_.fragment_counts().reassembled, 0U);
}

TEST_F(Fragments, OfIpv6RepeatedWithOtherOctetsAreRefused) {
    const Octets datagram = long_datagram(56);
    Octets forged = datagram;
    forged[20] ^= 1U;
    EXPECT_EQ(feed(fragment_v6(datagram, 0, 24)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v6(forged, 0, 24)).kind, FrameKind::malformed);
}

TEST_F(Fragments, OfDifferentDatagramsAreKeptApart) {
    const Octets datagram = long_datagram(40);
    const Octets other = udp(1, 2, Octets(40, 0x11));
    EXPECT_EQ(feed(fragment_v4(datagram, 0, 16, 1)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(other, 0, 16, 2)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v6(datagram, 0, 16, 1)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, 1)).kind, FrameKind::packet);
    expect_datagram(datagram);
    EXPECT_EQ(feed(fragment_v4(other, 16, 48, 2)).kind, FrameKind::packet);
    EXPECT_EQ(packet_.source_port, 1);
    EXPECT_EQ(feed(fragment_v6(datagram, 16, 48, 1)).kind, FrameKind::packet);
    expect_datagram(datagram);
}

TEST_F(Fragments, ThatContradictTheLengthAreRefused) {
    const Octets datagram = long_datagram(40);
    const Octets shorter = long_datagram(16);
    EXPECT_EQ(feed(fragment_v4(datagram, 24, 48, 1)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(shorter, 16, 24, 1)).kind, FrameKind::malformed);
    const Octets longer = long_datagram(80);
    EXPECT_EQ(feed(fragment_v4(datagram, 24, 48, 2)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(longer, 48, 56, 2)).kind, FrameKind::malformed);
    EXPECT_EQ(decoder_.fragment_counts().refused, 2U);
}

TEST_F(Fragments, OfImpossibleLengthAreMalformed) {
    const Octets datagram = long_datagram(40);
    const auto expect_bad = [this](const Octets& frame) {
        const Decoded decoded = feed(frame);
        EXPECT_EQ(decoded.kind, FrameKind::malformed);
        EXPECT_EQ(decoded.layer, Layer::fragments);
        EXPECT_EQ(decoded.error, base::ParseError::bad_length);
    };
    expect_bad(fragment_v4(datagram, 0, 15));  // not a multiple of 8, and more to come
    expect_bad(fragment_v4(datagram, 0, 17));
    expect_bad(fragment_v4(datagram, 8, 8));                                       // empty
    expect_bad(ethernet(0x0800, ipv4(17, zeros(16), {.fragmentation = 0x1fff})));  // ends too far
}

TEST_F(Fragments, AreForgottenWhenTheirTimeIsOver) {
    const Octets datagram = long_datagram(40);
    EXPECT_EQ(feed(fragment_v4(datagram, 0, 16)).kind, FrameKind::fragment);
    time_ += std::chrono::seconds{61};
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48)).kind, FrameKind::fragment);
    EXPECT_EQ(decoder_.fragment_counts().timed_out, 1U);
    EXPECT_EQ(decoder_.fragment_counts().waiting, 1U);
    EXPECT_EQ(feed(fragment_v4(datagram, 0, 16)).kind, FrameKind::packet);
}

TEST_F(Fragments, FirstOneAloneIsADatagramThatTheCaptureCut) {
    const Octets datagram = long_datagram(40);
    for (const bool v6 : {false, true}) {
        time_ += std::chrono::hours{1};
        packet_.tap = 7;
        EXPECT_EQ(decoder_.incomplete_due(), std::nullopt);
        const auto first = v6 ? fragment_v6(datagram, 0, 16) : fragment_v4(datagram, 0, 16);
        EXPECT_EQ(feed(first).kind, FrameKind::fragment);
        const base::Timestamp came = time_;
        const std::uint64_t number = number_;
        EXPECT_EQ(decoder_.incomplete_due(), came + std::chrono::seconds{1});
        EXPECT_FALSE(decoder_.take_incomplete(came + std::chrono::seconds{1}, packet_));
        packet_.tap = 0;

        ASSERT_TRUE(decoder_.take_incomplete(came + std::chrono::seconds{2}, packet_));
        EXPECT_EQ(to_octets(packet_.payload), part(datagram, 8, 16));
        EXPECT_EQ(packet_.payload_length, 40U);
        EXPECT_TRUE(packet_.cut());
        EXPECT_TRUE(packet_.reassembled);
        EXPECT_EQ(packet_.source_port, client_port);
        EXPECT_EQ(packet_.time, came);
        EXPECT_EQ(packet_.number, number);
        EXPECT_EQ(packet_.tap, 7U);
        EXPECT_EQ(to_octets(packet_.ip), part(first, 14, first.size()));
        EXPECT_FALSE(decoder_.take_incomplete(base::Timestamp::max(), packet_));

        const auto last = v6 ? fragment_v6(datagram, 16, 48) : fragment_v4(datagram, 16, 48);
        EXPECT_EQ(feed(last).kind, FrameKind::packet);  // after all
        expect_datagram(datagram);
    }
}

TEST_F(Fragments, AloneAreNothingBehindTheFirstOneOrWithoutALength) {
    const Octets datagram = long_datagram(40);
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, 1)).kind, FrameKind::fragment);
    const Octets tcp = ethernet(0x0800, ipv4(6, part(datagram, 0, 24), {.fragmentation = 0x2000}));
    EXPECT_EQ(feed(tcp).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(part(datagram, 0, 24), 0, 16, 3)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(fragment_v4(part(datagram, 0, 24), 16, 24, 3)).kind, FrameKind::packet);
    EXPECT_FALSE(decoder_.take_incomplete(base::Timestamp::max(), packet_));
}

TEST_F(Fragments, ThatTakeTheLastRoomAreStillJoined) {
    decoder_ = PacketDecoder({.fragment_octets = std::size_t{2} * 2048});
    const Octets datagram = long_datagram(40);
    for (std::uint16_t id = 0; id < 3; ++id) {
        EXPECT_EQ(feed(fragment_v4(datagram, 0, 16, id)).kind, FrameKind::fragment);
        EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, id)).kind, FrameKind::packet);
        expect_datagram(datagram);
    }
    EXPECT_FALSE(decoder_.take_incomplete(base::Timestamp::max(), packet_));
}

TEST_F(Fragments, AreEvictedOldestFirstWhenTooManyAreOpen) {
    decoder_ = PacketDecoder({.datagrams = 4});
    const Octets datagram = long_datagram(40);
    for (std::uint16_t id = 0; id < 5; ++id) {
        EXPECT_EQ(feed(fragment_v4(datagram, 0, 16, id)).kind, FrameKind::fragment);
    }
    EXPECT_EQ(decoder_.fragment_counts().evicted, 1U);
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, 4)).kind, FrameKind::packet);
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, 1)).kind, FrameKind::packet);
    EXPECT_EQ(feed(fragment_v4(datagram, 16, 48, 0)).kind, FrameKind::fragment);
}

TEST_F(Fragments, AreEvictedWhenTheirOctetsAreTooMany) {
    decoder_ = PacketDecoder({.fragment_octets = std::size_t{8} * 2048});
    const Octets datagram = long_datagram(4000);
    for (std::uint16_t id = 0; id < 20; ++id) {
        EXPECT_EQ(feed(fragment_v4(datagram, 0, 2400, id)).kind, FrameKind::fragment);
    }
    EXPECT_GE(decoder_.fragment_counts().evicted, 16U);
    EXPECT_EQ(feed(fragment_v4(datagram, 2400, 4008, 19)).kind, FrameKind::packet);
    expect_datagram(datagram);
}

TEST_F(Fragments, OfTheLargestDatagramAreJoined) {
    const Octets datagram = long_datagram(65507);
    for (std::size_t begin = 0; begin < datagram.size(); begin += 1480) {
        const bool last = begin + 1480 >= datagram.size();
        ASSERT_EQ(feed(fragment_v4(datagram, begin, begin + 1480)).kind,
                  last ? FrameKind::packet : FrameKind::fragment);
    }
    expect_datagram(datagram);
}

TEST_F(Fragments, InTinyPiecesAreBounded) {
    const Octets datagram = long_datagram(8000);
    unsigned refused = 0;
    for (std::size_t begin = 0; begin < datagram.size(); begin += 8) {
        refused += feed(fragment_v4(datagram, begin, begin + 8)).error == base::ParseError::limit
                       ? 1U
                       : 0U;
    }
    EXPECT_EQ(refused, 1U);
    EXPECT_EQ(decoder_.fragment_counts().reassembled, 0U);
}

TEST_F(Fragments, CutByTheSnapLengthMakeACutPacket) {
    const Octets datagram = long_datagram(3000);
    const Octets first = fragment_v4(datagram, 0, 1480);
    const Octets last = fragment_v4(datagram, 1480, 3008);
    EXPECT_EQ(feed(part(first, 0, 134), static_cast<std::uint32_t>(first.size())).kind,
              FrameKind::fragment);
    EXPECT_EQ(feed(part(last, 0, 134), static_cast<std::uint32_t>(last.size())).kind,
              FrameKind::packet);
    EXPECT_TRUE(packet_.cut());
    EXPECT_EQ(packet_.payload_length, 3000U);
    EXPECT_EQ(to_octets(packet_.payload), part(datagram, 8, 100));
    EXPECT_EQ(packet_.ip_length, 3028U);
}

TEST_F(Fragments, InsideATunnelAreJoined) {
    const Octets datagram = long_datagram(200);
    const auto wrap = [](const Octets& inner) {
        return ethernet(0x0800,
                        ipv4(17, udp(40000, 4789, join({be32(0x08000000), be32(5 << 8), inner})),
                             {.source = {10, 0, 0, 1}, .destination = {10, 0, 0, 2}}));
    };
    EXPECT_EQ(feed(wrap(fragment_v4(datagram, 104, 208))).kind, FrameKind::fragment);
    EXPECT_EQ(feed(wrap(fragment_v4(datagram, 0, 104))).kind, FrameKind::packet);
    expect_datagram(datagram);
    EXPECT_EQ(packet_.tunnel_id, 5U);
}

TEST_F(Fragments, OfATunnelAndInsideItAreJoined) {
    const Octets datagram = long_datagram(200);
    const auto tunnel = [](const Octets& inner, std::uint16_t id) {
        const Octets outer = udp(
            2152, 2152,
            join({{0x30, 0xff}, be16(inner.size() - 14), be32(9), part(inner, 14, inner.size())}));
        return std::pair{fragment_v4(outer, 0, 64, id), fragment_v4(outer, 64, 4096, id)};
    };
    const auto [one, two] = tunnel(fragment_v4(datagram, 0, 104, 77), 1);
    const auto [three, four] = tunnel(fragment_v4(datagram, 104, 208, 77), 2);
    EXPECT_EQ(feed(one).kind, FrameKind::fragment);
    EXPECT_EQ(feed(two).kind, FrameKind::fragment);
    EXPECT_EQ(feed(four).kind, FrameKind::fragment);
    EXPECT_EQ(feed(three).kind, FrameKind::packet);
    expect_datagram(datagram);
}

TEST_F(Fragments, OfAnIcmpErrorAreJoined) {
    const Octets error = join({{3, 13}, be16(0), be32(0), call()});
    const auto piece = [&error](std::size_t begin, std::size_t end) {
        const bool more = end < error.size();
        return ethernet(
            0x0800,
            ipv4(1, part(error, begin, end),
                 {.fragmentation = static_cast<std::uint16_t>((more ? 0x2000U : 0U) | begin / 8)}));
    };
    EXPECT_EQ(feed(piece(0, 16)).kind, FrameKind::fragment);
    EXPECT_EQ(feed(piece(16, 200)).kind, FrameKind::packet);
    EXPECT_EQ(packet_.transport, TransportKind::icmp);
    EXPECT_EQ(to_string(packet_.icmp.quoted.source), "192.0.2.1:50000");
}

}  // namespace
}  // namespace turnpike::wire::test
