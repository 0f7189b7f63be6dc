// TCP and UDP headers.
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

/// A SYN-ACK with the options that Linux sends.
Octets syn_ack() {
    return {
        0x01, 0xbb, 0xc3, 0x50,              // ports 443, 50000
        0x12, 0x34, 0x56, 0x78,              // sequence number
        0x9a, 0xbc, 0xde, 0xf0,              // acknowledgment number
        0xa0, 0x12, 0xfe, 0x88,              // header of 40 octets, SYN ACK, window
        0xbe, 0xef, 0x00, 0x00,              // checksum, urgent pointer
        0x02, 0x04, 0x05, 0xb4,              // maximum segment size
        0x04, 0x02,                          // selective acknowledgment permitted
        0x08, 0x0a, 0x11, 0x22, 0x33, 0x44,  // timestamps
        0x55, 0x66, 0x77, 0x88,              //
        0x01, 0x03, 0x03, 0x07,              // no operation, window scale
    };
}
Octets frame_of(const Octets& segment) {
    return ethernet(0x0800, ipv4(6, segment));
}
Octets tcp_with(Octets octets, std::size_t at, std::uint8_t value) {
    octets[at] = value;
    return octets;
}

TEST(Tcp, DecodesEveryField) {
    const Outcome outcome = decode(frame_of(syn_ack()));
    ASSERT_TRUE(outcome.decoded);
    const Packet& packet = outcome.packet;
    EXPECT_EQ(packet.transport, TransportKind::tcp);
    EXPECT_EQ(packet.source_port, 443);
    EXPECT_EQ(packet.destination_port, 50000);
    EXPECT_EQ(packet.tcp.sequence, 0x12345678U);
    EXPECT_EQ(packet.tcp.acknowledgement, 0x9abcdef0U);
    EXPECT_EQ(packet.tcp.flags, tcp_flag::syn | tcp_flag::ack);
    EXPECT_TRUE(packet.tcp.has(tcp_flag::syn));
    EXPECT_FALSE(packet.tcp.has(tcp_flag::rst));
    EXPECT_EQ(packet.tcp.window, 0xfe88);
    EXPECT_EQ(packet.tcp.checksum, 0xbeef);
    EXPECT_TRUE(packet.tcp.has_timestamp);
    EXPECT_EQ(packet.tcp.timestamp_value, 0x11223344U);
    EXPECT_EQ(packet.payload_length, 0U);
}

TEST(Tcp, PaddingIsNoPayload) {
    const Octets bare = join({be16(443), be16(50000), zeros(8), {0x50, 0x10}, zeros(6)});
    const Outcome outcome = decode(join({frame_of(bare), zeros(6)}));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_TRUE(outcome.packet.payload.empty());
    EXPECT_EQ(outcome.packet.payload_length, 0U);
    EXPECT_FALSE(outcome.packet.tcp.has_timestamp);
}

TEST(Tcp, ASnapLengthWithinTheOptionsLeavesTheRest) {
    const Octets frame = frame_of(join({syn_ack(), zeros(100)}));
    for (std::size_t kept = 54; kept < 74; ++kept) {
        const Outcome outcome = decode(base::Bytes(frame).first(kept), linktype_ethernet,
                                       static_cast<std::uint32_t>(frame.size()));
        ASSERT_TRUE(outcome.decoded) << kept;
        EXPECT_EQ(outcome.packet.tcp.sequence, 0x12345678U);
        EXPECT_TRUE(outcome.packet.payload.empty());
        EXPECT_EQ(outcome.packet.payload_length, 100U);
        EXPECT_TRUE(outcome.packet.cut());
        EXPECT_EQ(outcome.packet.tcp.has_timestamp, kept >= 70);
    }
}

TEST(Tcp, AnImpossibleHeaderLengthLeavesThePorts) {
    for (const std::uint8_t length : {std::uint8_t{0x40}, std::uint8_t{0xb0}}) {
        const Outcome outcome = decode(frame_of(tcp_with(syn_ack(), 12, length)));
        ASSERT_EQ(outcome.decoded.kind, FrameKind::packet);
        EXPECT_TRUE(outcome.decoded.damaged);
        EXPECT_EQ(outcome.decoded.error, base::ParseError::bad_length);
        EXPECT_EQ(outcome.packet.source_port, 443);
        EXPECT_EQ(outcome.packet.payload_length, 0U);
        EXPECT_EQ(outcome.decoded.layer, Layer::tcp);
    }
}

TEST(Tcp, AShortSegmentIsMalformed) {
    expect_malformed(decode(frame_of(zeros(19))), Layer::tcp, base::ParseError::bad_length);
}

TEST(Tcp, OddOptionsEndTheSearch) {
    for (const Octets& options : {Octets{8, 1, 0, 0}, Octets{8, 0, 0, 0}, Octets{8, 10, 0, 0},
                                  Octets{0, 8, 10, 0}, Octets{1, 1, 1, 8}, Octets{9, 9, 9, 9}}) {
        const Octets segment =
            join({be16(443), be16(50000), zeros(8), {0x60, 0x10}, zeros(6), options, {0x16, 0x03}});
        const Outcome outcome = decode(frame_of(segment));
        ASSERT_TRUE(outcome.decoded);
        EXPECT_FALSE(outcome.packet.tcp.has_timestamp);
        EXPECT_EQ(to_octets(outcome.packet.payload), (Octets{0x16, 0x03}));
    }
}

Octets datagram(std::size_t length_field) {
    return join({be16(client_port), be16(server_port), be16(length_field), be16(0), stun()});
}
Outcome decode_datagram(std::size_t length_field) {
    return decode(ethernet(0x0800, ipv4(17, datagram(length_field))));
}

TEST(Udp, ItsLengthTrimsWhatFollows) {
    const Outcome outcome = decode_datagram(8 + stun().size() - 1);
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.payload.size(), stun().size() - 1);
    EXPECT_EQ(outcome.packet.payload_length, stun().size() - 1);
}

TEST(Udp, ALengthThatCannotBeMeansAllThereIs) {
    for (const std::size_t length : {std::size_t{0}, 8 + stun().size() + 1, std::size_t{65535}}) {
        const Outcome outcome = decode_datagram(length);
        ASSERT_TRUE(outcome.decoded);
        EXPECT_EQ(to_octets(outcome.packet.payload), stun());
        EXPECT_EQ(outcome.packet.payload_length, stun().size());
    }
}

TEST(Udp, ALengthBelowTheHeaderLeavesThePorts) {
    const Outcome outcome = decode_datagram(7);
    ASSERT_TRUE(outcome.decoded);
    EXPECT_TRUE(outcome.decoded.damaged);
    EXPECT_EQ(outcome.decoded.layer, Layer::udp);
    EXPECT_EQ(outcome.decoded.error, base::ParseError::bad_length);
    EXPECT_FALSE(decode_datagram(8).decoded.damaged);
    EXPECT_EQ(outcome.packet.destination_port, server_port);
    EXPECT_EQ(outcome.packet.payload_length, 0U);
}

TEST(Udp, AShortDatagramIsMalformed) {
    expect_malformed(decode(ethernet(0x0800, ipv4(17, zeros(7)))), Layer::udp,
                     base::ParseError::bad_length);
}

TEST(Udp, AnEmptyDatagramIsAPacket) {
    const Outcome outcome = decode(ethernet(0x0800, ipv4(17, udp(1, 2, {}))));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.payload_length, 0U);
}

}  // namespace
}  // namespace turnpike::wire::test
