// What is no tunnel although it uses a tunnel's port, and what tunnels carry besides packets.
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

Octets outer(std::uint16_t port, const Octets& payload) {
    return ethernet(0x0800, ipv4(17, udp(40000, port, payload)));
}
/// The datagram itself is the packet: nothing was unwrapped.
void expect_datagram(const Outcome& outcome, const Octets& payload) {
    ASSERT_EQ(outcome.decoded.kind, FrameKind::packet);
    EXPECT_EQ(outcome.packet.source_port, 40000);
    EXPECT_EQ(outcome.packet.tunnel_depth, 0);
    EXPECT_EQ(outcome.packet.tunnel_id, 0U);
    EXPECT_EQ(outcome.packet.vlan_id, 0);
    EXPECT_EQ(to_octets(outcome.packet.payload), payload);
}
void expect_datagram(std::uint16_t port, const Octets& payload) {
    expect_datagram(decode(outer(port, payload)), payload);
}

constexpr std::uint16_t tunnel_ports[] = {1701, 2152, 3544, 4341, 4754, 4789,
                                          4790, 5247, 6081, 6635, 8472, 37008};

TEST(TunnelPort, StunOnItStaysStun) {
    for (const std::uint16_t port : tunnel_ports) {
        SCOPED_TRACE(port);
        expect_datagram(port, stun());
    }
}

TEST(TunnelPort, ShortDatagramsStayDatagrams) {
    for (const std::uint16_t port : tunnel_ports) {
        SCOPED_TRACE(port);
        for (std::size_t size = 0; size < 20; ++size) {
            expect_datagram(port, zeros(size));
            expect_datagram(port, Octets(size, 0xff));
            expect_datagram(port, Octets(size, 0x08));
        }
    }
}

/// Media on a random port may meet one of these numbers.
TEST(TunnelPort, RtpOnItStaysRtp) {
    for (const std::uint16_t port : tunnel_ports) {
        SCOPED_TRACE(port);
        for (unsigned i = 0; i < 256; ++i) {
            Octets rtp = join({{0x80, static_cast<std::uint8_t>(i)},
                               be16(i * 257),
                               be32(i * 0x01010101U),
                               be32(0xcafe0000U + i),
                               zeros(160)});
            for (std::size_t k = 12; k < rtp.size(); ++k) {
                rtp[k] = static_cast<std::uint8_t>(k * i + (k * k) / 7);
            }
            expect_datagram(port, rtp);
        }
    }
}

TEST(Vxlan, WithoutTheFlagIsADatagram) {
    expect_datagram(4789, join({be32(0x00000000), be32(42 << 8), call_frame()}));
}

TEST(Vxlan, CarriesArpWithoutAPacket) {
    const Outcome outcome =
        decode(outer(4789, join({be32(0x08000000), be32(42 << 8), ethernet(0x0806, zeros(28))})));
    EXPECT_EQ(outcome.decoded.kind, FrameKind::not_ip);
}

TEST(Vxlan, WithADamagedPacketIsADatagramAndCounted) {
    Octets inner = call_frame();
    inner[14] = 0x41;  // IPv4 header of four octets
    const Octets payload = join({be32(0x08000000), be32(42 << 8), inner});
    const Outcome outcome = decode(outer(4789, payload));
    expect_datagram(outcome, payload);
    const auto problems = outcome.decoder->hidden_problems();
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].layer, Layer::ipv4);
    EXPECT_EQ(problems[0].error, base::ParseError::bad_length);
}

TEST(Vxlan, NestedTooDeepReachesTheLimit) {
    Octets frame = call_frame();
    for (int i = 0; i < 10; ++i) {
        frame = outer(4789, join({be32(0x08000000), be32(42 << 8), frame}));
    }
    const Outcome outcome = decode(frame);
    EXPECT_EQ(outcome.decoded.kind, FrameKind::malformed);
    EXPECT_EQ(outcome.decoded.error, base::ParseError::limit);
}

TEST(VxlanGpe, AnotherNextProtocolIsADatagram) {
    const auto payload = [](std::uint8_t next) {
        return join({{0x0c, 0, 0, next}, be32(42 << 8), call()});
    };
    expect_call(decode(outer(4790, payload(1))));
    expect_datagram(4790, payload(6));
}

TEST(Geneve, AnotherProtocolIsADatagram) {
    expect_datagram(6081, join({be16(0), be16(0x0806), be32(43 << 8), call()}));
}

TEST(Geneve, LengthOfOptionsOneOffIsADatagram) {
    const auto frame = [](std::uint16_t first) {
        return join({be16(first),
                     be16(0x6558),
                     be32(43 << 8),
                     be16(0x0102),
                     {0x80, 1},
                     zeros(4),
                     call_frame()});
    };
    expect_call(decode(outer(6081, frame(0x0200))));
    expect_datagram(6081, frame(0x0100));
    expect_datagram(6081, frame(0x0300));
    expect_datagram(6081, frame(0x3f00));
    expect_datagram(6081, frame(0x4200));  // version 1
    expect_datagram(6081, frame(0x0201));  // reserved bit
}

TEST(Gtp, LengthOneOffIsADatagram) {
    const auto frame = [](std::size_t length) {
        return join({{0x30, 0xff}, be16(length), be32(7), call()});
    };
    expect_call(decode(outer(2152, frame(call().size()))));
    expect_datagram(2152, frame(call().size() - 1));
    expect_datagram(2152, frame(call().size() + 1));
}

TEST(Gtp, OtherMessagesAreDatagrams) {
    for (const std::uint8_t type :
         {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{26}, std::uint8_t{254}}) {
        expect_datagram(2152, join({{0x32, type}, be16(4), be32(0), be32(0)}));
    }
}

TEST(Gtp, AnExtensionOfLengthZeroIsADatagram) {
    expect_datagram(
        2152,
        join({{0x34, 0xff}, be16(call().size() + 8), be32(1), be32(0x00000085), be32(0), call()}));
}

TEST(L2tp, ControlMessagesAreDatagrams) {
    expect_datagram(1701, join({be16(0xc802), be16(12), zeros(8)}));
}

TEST(L2tp, LengthBeyondTheDatagramIsADatagram) {
    const auto frame = [](std::size_t length) {
        return join({be16(0x4002), be16(length), be32(1), {0x00, 0x21}, call()});
    };
    const std::size_t length = frame(0).size();
    expect_call(decode(outer(1701, frame(length))));
    expect_datagram(1701, frame(length + 1));
    expect_datagram(1701, frame(7));
}

TEST(Teredo, BubblesAreNoPacketsOfTheOuterFlow) {
    const Outcome outcome = decode(outer(3544, ipv6(59, {})));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.transport, TransportKind::none);
    EXPECT_EQ(to_string(outcome.packet.source), "2001:db8::1");
}

TEST(Capwap, KeepalivesAndFragmentsAreDatagrams) {
    expect_datagram(5247, join({be32(0x00100208), zeros(4), call_frame()}));
    expect_datagram(5247, join({be32(0x00100280), zeros(4), call_frame()}));
}

TEST(Gre, UnknownVersionIsMalformed) {
    expect_malformed(decode(ethernet(0x0800, ipv4(47, join({be16(2), be16(0x0800), call()})))),
                     Layer::gre, base::ParseError::bad_version);
}

TEST(Gre, KeepalivesAndAcknowledgmentsCarryNothing) {
    EXPECT_EQ(decode(ethernet(0x0800, ipv4(47, join({be16(0), be16(0)})))).decoded.kind,
              FrameKind::not_ip);
    EXPECT_EQ(
        decode(ethernet(0x0800,
                        ipv4(47, join({be16(0x2081), be16(0x880b), be16(0), be16(1), be32(9)}))))
            .decoded.kind,
        FrameKind::not_ip);
}

TEST(Gre, UnknownProtocolIsNotIp) {
    EXPECT_EQ(
        decode(ethernet(0x0800, ipv4(47, join({be16(0), be16(0x1234), zeros(40)})))).decoded.kind,
        FrameKind::not_ip);
}

TEST(Erspan, UnknownVersionIsMalformed) {
    const Octets mirrored =
        join({be16(0x1000), be16(0x88be), be32(1), be32(0x30000000), be32(0), call_frame()});
    expect_malformed(decode(ethernet(0x0800, ipv4(47, mirrored))), Layer::erspan,
                     base::ParseError::bad_version);
}

TEST(Mpls, AnAssociatedChannelIsNotIp) {
    EXPECT_EQ(decode(ethernet(0x8847, join({be32(0x000d0140), be32(0x10000007), zeros(20)})))
                  .decoded.kind,
              FrameKind::not_ip);
}

TEST(Mpls, AnEndlessStackReachesTheLimit) {
    expect_malformed(decode(ethernet(0x8847, zeros(400))), Layer::mpls, base::ParseError::limit);
}

TEST(Pppoe, OtherVersionsAndCodes) {
    const auto frame = [](std::uint8_t version, std::uint8_t code) {
        return ethernet(
            0x8864,
            join({{version, code}, be16(1), be16(call().size() + 2), {0x00, 0x21}, call()}));
    };
    expect_call(decode(frame(0x11, 0)));
    expect_malformed(decode(frame(0x12, 0)), Layer::pppoe, base::ParseError::bad_version);
    EXPECT_EQ(decode(frame(0x11, 0x65)).decoded.kind, FrameKind::not_ip);
}

TEST(Ppp, WhatCarriesNoIpIsSaid) {
    constexpr std::uint32_t linktype_ppp = 9;
    const auto kind = [](std::uint16_t protocol) {
        return decode(join({be16(protocol), call()}), linktype_ppp).decoded.kind;
    };
    EXPECT_EQ(kind(0x0021), FrameKind::packet);
    EXPECT_EQ(kind(0x003d), FrameKind::not_ip);  // a fragment of multilink PPP (RFC 1990)
    EXPECT_EQ(kind(0xc021), FrameKind::not_ip);  // link control (RFC 1661)
}

TEST(FrameRelay, WhatCarriesNoIpIsSaid) {
    constexpr std::uint32_t linktype_frame_relay = 107;
    const auto kind = [](const Octets& after_address) {
        return decode(join({be16(0x1841), after_address, call()}), linktype_frame_relay)
            .decoded.kind;
    };
    EXPECT_EQ(kind({0x03, 0xcc}), FrameKind::packet);
    EXPECT_EQ(kind({0x03, 0x82}), FrameKind::not_ip);                          // ISO 9542
    EXPECT_EQ(kind({0x03, 0x80, 0x00, 0x80, 0xc2, 0, 7}), FrameKind::not_ip);  // bridged
}

TEST(Nsh, LengthOutOfRangeIsMalformed) {
    const auto frame = [](std::uint16_t first) {
        return ethernet(0x894f, join({be16(first), {0x02, 0x01}, be32(0x000001ff), call()}));
    };
    expect_call(decode(frame(0x0fc2)));
    expect_malformed(decode(frame(0x0fc1)), Layer::nsh, base::ParseError::bad_length);
    expect_malformed(decode(frame(0x0fff)), Layer::nsh, base::ParseError::bad_length);
}

TEST(Nsh, WhatFollowsIsNamedByTheNextProtocol) {
    const auto header = [](std::uint8_t next) {
        return join({be16(0x0fc2), {0x02, next}, be32(0x000001ff)});
    };
    const auto decoded = [&](std::uint8_t next, const Octets& inner) {
        return decode(ethernet(0x894f, join({header(next), inner})));
    };
    expect_call(decoded(1, call()));
    expect_call(decoded(3, call_frame()));
    expect_call(decoded(4, join({header(1), call()})));
    expect_call(decoded(5, join({be32(0x00010140), call()})));
    EXPECT_EQ(decoded(6, call()).decoded.kind, decode(ethernet(0x9999, call())).decoded.kind);
}

}  // namespace
}  // namespace turnpike::wire::test
