// IPv4 and IPv6 headers: lengths, options, extension headers.
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

/// Changes octets of a packet.
Octets with(Octets packet, std::size_t at, const Octets& octets) {
    std::ranges::copy(octets, packet.begin() + static_cast<std::ptrdiff_t>(at));
    return packet;
}

TEST(Ipv4, DecodesARealPacket) {
    const Octets frame{
        0x00, 0x0c, 0x29, 0x3e, 0x53, 0xf9, 0x00, 0x50, 0x56, 0xe3, 0xe8, 0xde,  // stations
        0x08, 0x00,                                                              // IPv4
        0x45, 0x28, 0x00, 0x2c,  // version and header length, service, total length 44
        0x8c, 0x0f, 0x40, 0x00,  // identification, don't fragment
        0x37, 0x11, 0x00, 0x00,  // time to live 55, UDP, checksum
        0xc6, 0x33, 0x64, 0x07,  // 198.51.100.7
        0xc0, 0x00, 0x02, 0x01,  // 192.0.2.1
        0x0d, 0x96, 0xc3, 0x50,  // ports 3478, 50000
        0x00, 0x18, 0xab, 0xcd,  // length 24, checksum
        0x01, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42,  // payload
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,  //
        0x00, 0x00,                                      // padding to 60 octets
    };
    const Outcome outcome = decode(frame);
    ASSERT_TRUE(outcome.decoded);
    const Packet& packet = outcome.packet;
    EXPECT_EQ(to_string(packet.source_endpoint()), "198.51.100.7:3478");
    EXPECT_EQ(to_string(packet.destination_endpoint()), "192.0.2.1:50000");
    EXPECT_EQ(packet.ip_id, 0x8c0f);
    EXPECT_EQ(packet.hop_limit, 55);
    EXPECT_EQ(packet.ip_length, 44U);
    EXPECT_EQ(packet.protocol, 17);
    EXPECT_EQ(packet.udp_checksum, 0xabcd);
    EXPECT_EQ(packet.payload.size(), 16U);
    EXPECT_EQ(packet.payload_length, 16U);
    EXPECT_FALSE(packet.reassembled);
    EXPECT_EQ(packet.time, base::from_nanoseconds(1'000'000'000));
}

TEST(Ipv4, OptionsAreSteppedOver) {
    const Octets record_route{0x07, 0x0b, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
    const Outcome outcome = decode(ethernet(
        0x0800, ipv4(17, udp(client_port, server_port, stun()), {.options = record_route})));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(to_octets(outcome.packet.payload), stun());
    EXPECT_EQ(to_string(outcome.packet.destination), "198.51.100.7");
}

TEST(Ipv4, ASourceRouteEndsAtItsLastAddress) {
    for (const std::uint8_t kind : {std::uint8_t{131}, std::uint8_t{137}}) {
        const Octets route{0x01, kind, 0x0b, 0x04,  // no operation, kind, length 11, pointer
                           10,   0,    0,    1,     // next hop
                           203,  0,    113,  9};    // last hop
        const Octets used_up = with(route, 3, {0x0c});
        const Octets payload = udp(client_port, server_port, stun());
        EXPECT_EQ(
            to_string(
                decode(ethernet(0x0800, ipv4(17, payload, {.options = route}))).packet.destination),
            "203.0.113.9");
        EXPECT_EQ(to_string(decode(ethernet(0x0800, ipv4(17, payload, {.options = used_up})))
                                .packet.destination),
                  "198.51.100.7");
    }
}

TEST(Ipv4, OddOptionsSpoilNothing) {
    for (const Octets& options :
         {Octets{0x83, 0x00, 0, 0}, Octets{0x83, 0x01, 0, 0}, Octets{0x83, 0xff, 0x04, 0},
          Octets{0x83, 0x03, 0x04, 0}, Octets{0x00, 0x83, 0x04, 0x04}, Octets{1, 1, 1, 0x83}}) {
        const Outcome outcome = decode(ethernet(
            0x0800, ipv4(17, udp(client_port, server_port, stun()), {.options = options})));
        ASSERT_TRUE(outcome.decoded);
        EXPECT_EQ(to_string(outcome.packet.destination), "198.51.100.7");
    }
}

TEST(Ipv4, TotalLengthOfZeroMeansTheWholeFrame) {
    const Outcome outcome = decode(ethernet(0x0800, with(call(), 2, be16(0))));
    expect_call(outcome);
}

TEST(Ipv4, TotalLengthBeyondTheFrameIsACut) {
    const Outcome outcome = decode(ethernet(0x0800, with(call(), 2, be16(call().size() + 1))));
    ASSERT_TRUE(outcome.decoded);
    // The UDP length is the smaller one and still fits.
    EXPECT_EQ(outcome.packet.payload_length, stun().size());
    const Octets segment = ipv4(6, join({be16(1), be16(2), zeros(8), {0x50, 0x10}, zeros(6)}));
    const Outcome longer = decode(ethernet(0x0800, with(segment, 2, be16(41))));
    ASSERT_TRUE(longer.decoded);
    EXPECT_TRUE(longer.packet.cut());
    EXPECT_EQ(longer.packet.payload_length, 1U);
}

TEST(Ipv4, TotalLengthOneShortTakesAnOctetAway) {
    const Outcome outcome = decode(ethernet(0x0800, with(call(), 2, be16(call().size() - 1))));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.payload_length, stun().size() - 1);
    EXPECT_EQ(outcome.packet.payload.size(), stun().size() - 1);
}

TEST(Ipv4, ContradictoryLengthsAreMalformed) {
    expect_malformed(decode(ethernet(0x0800, with(call(), 0, {0x44}))), Layer::ipv4,
                     base::ParseError::bad_length);  // header of 16 octets
    expect_malformed(decode(ethernet(0x0800, with(call(), 2, be16(19)))), Layer::ipv4,
                     base::ParseError::bad_length);
    expect_malformed(decode(ethernet(0x0800, with(call(), 0, {0x65}))), Layer::ipv4,
                     base::ParseError::bad_version);
    expect_malformed(decode(ethernet(0x86dd, call())), Layer::ipv6, base::ParseError::bad_version);
}

TEST(Ipv4, OtherProtocolsKeepTheirNumber) {
    for (const std::uint8_t protocol : {std::uint8_t{50}, std::uint8_t{132}, std::uint8_t{253}}) {
        const Outcome outcome = decode(ethernet(0x0800, ipv4(protocol, {1, 2, 3, 4})));
        ASSERT_TRUE(outcome.decoded);
        EXPECT_EQ(outcome.packet.protocol, protocol);
        EXPECT_EQ(outcome.packet.transport, TransportKind::none);
        EXPECT_EQ(outcome.packet.source_port, 0);
        EXPECT_EQ(to_octets(outcome.packet.payload), (Octets{1, 2, 3, 4}));
    }
}

Octets call_v6() {
    return udp(client_port, server_port, stun());
}

TEST(Ipv6, DecodesAPacket) {
    const Outcome outcome = decode(ethernet(0x86dd, ipv6(17, call_v6())));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(to_string(outcome.packet.source_endpoint()), "[2001:db8::1]:50000");
    EXPECT_EQ(to_string(outcome.packet.destination_endpoint()), "[2001:db8::2]:3478");
    EXPECT_EQ(outcome.packet.ip_length, 40 + call_v6().size());
    EXPECT_EQ(outcome.packet.ip_id, 0);
    EXPECT_EQ(to_octets(outcome.packet.payload), stun());
}

TEST(Ipv6, ExtensionHeadersAreWalked) {
    const Octets packet = ipv6(0, join({
                                      {60, 0},
                                      {1, 4, 0, 0, 0, 0},  // hop-by-hop: padding
                                      {43, 0},
                                      {1, 4, 0, 0, 0, 0},  // destination options
                                      {135, 2, 0, 0},
                                      zeros(20),  // routing, one segment
                                      {51, 0, 0, 0},
                                      zeros(4),  // mobility
                                      {44, 4},
                                      zeros(22),  // authentication
                                      {17, 0},
                                      be16(0),
                                      be32(0x5a5a5a5a),  // atomic fragment
                                      call_v6(),
                                  }));
    const Outcome outcome = decode(ethernet(0x86dd, packet));
    ASSERT_TRUE(outcome.decoded) << to_string(outcome.decoded.layer);
    EXPECT_EQ(outcome.packet.protocol, 17);
    EXPECT_EQ(outcome.packet.ip_length, packet.size());
    EXPECT_EQ(to_octets(outcome.packet.payload), stun());
    EXPECT_FALSE(outcome.packet.reassembled);
}

TEST(Ipv6, AnExtensionHeaderBeyondThePacketIsMalformed) {
    const Octets options = join({{17, 1}, {1, 4, 0, 0, 0, 0}, zeros(7)});
    expect_malformed(decode(ethernet(0x86dd, ipv6(60, options))), Layer::ipv6,
                     base::ParseError::bad_length);
    EXPECT_EQ(decode(ethernet(0x86dd, ipv6(60, join({options, zeros(1), call_v6()})))).decoded.kind,
              FrameKind::packet);
}

TEST(Ipv6, TooManyExtensionHeadersReachTheLimit) {
    Octets chain;
    for (int i = 0; i < 40; ++i) {
        chain = join({chain, {60, 0}, {1, 4, 0, 0, 0, 0}});
    }
    expect_malformed(decode(ethernet(0x86dd, ipv6(60, chain))), Layer::ipv6,
                     base::ParseError::limit);
}

TEST(Ipv6, NoNextHeaderIsAPacketWithoutTransport) {
    const Outcome outcome = decode(ethernet(0x86dd, ipv6(59, {})));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.protocol, 59);
    EXPECT_EQ(outcome.packet.transport, TransportKind::none);
}

TEST(Ipv6, AJumbogramHasItsLengthInAnOption) {
    const Octets payload(70000, 0x55);
    Octets datagram = udp(client_port, server_port, payload);
    datagram[4] = datagram[5] = 0;  // RFC 2675 4: does not fit into the field
    const std::size_t length = 8 + datagram.size();
    Octets packet = ipv6(0, join({{17, 0, 0xc2, 4}, be32(length), datagram}));
    packet[4] = packet[5] = 0;
    const Outcome outcome = decode(ethernet(0x86dd, packet));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.payload_length, payload.size());
    EXPECT_EQ(outcome.packet.ip_length, packet.size());
}

TEST(Ipv6, PayloadLengthOfZeroIsASegmentNotYetCut) {
    Octets packet = ipv6(17, call_v6());
    packet[4] = packet[5] = 0;
    const Outcome outcome = decode(ethernet(0x86dd, packet));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(to_octets(outcome.packet.payload), stun());
}

TEST(Ipv6, IcmpOfTheOtherVersionIsNotIcmp) {
    EXPECT_EQ(decode(ethernet(0x86dd, ipv6(1, zeros(8)))).packet.transport, TransportKind::none);
    EXPECT_EQ(decode(ethernet(0x0800, ipv4(58, zeros(8)))).packet.transport, TransportKind::none);
}

}  // namespace
}  // namespace turnpike::wire::test
