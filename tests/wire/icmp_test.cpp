// ICMP and ICMPv6 messages and the packets they quote.
#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

Octets message(std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Octets& quoted) {
    return join({{type, code}, be16(0), be32(rest), quoted});
}
Outcome decode_v4(const Octets& icmp) {
    return decode(ethernet(0x0800, ipv4(1, icmp, {.source = {10, 0, 0, 254}})));
}
Outcome decode_v6(const Octets& icmp) {
    return decode(ethernet(0x86dd, ipv6(58, icmp)));
}
/// The first octets of a packet, as RFC 792 wants them quoted: the header and eight more.
Octets first(std::size_t count, const Octets& packet) {
    return {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(count)};
}

TEST(Icmp, AProhibitionQuotesItsPacket) {
    const Octets frame{
        0x00, 0x0c, 0x29, 0x3e, 0x53, 0xf9, 0x00, 0x50, 0x56, 0xe3, 0xe8, 0xde,  // stations
        0x08, 0x00,                                                              // IPv4
        0x45, 0xc0, 0x00, 0x38, 0x12, 0x34, 0x00, 0x00,                          // 56 octets in all
        0x40, 0x01, 0x00, 0x00, 0x0a, 0x00, 0x00, 0xfe,  // ICMP from 10.0.0.254
        0xc0, 0x00, 0x02, 0x01,                          // to 192.0.2.1
        0x03, 0x0d, 0x11, 0x22, 0x00, 0x00, 0x00, 0x00,  // unreachable, prohibited by a filter
        0x45, 0x00, 0x00, 0x3c, 0xab, 0xcd, 0x40, 0x00,  // the quoted header
        0x3f, 0x06, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01,  // TCP from 192.0.2.1
        0xc6, 0x33, 0x64, 0x07,                          // to 198.51.100.7
        0xc3, 0x50, 0x01, 0xbb, 0x00, 0x00, 0x00, 0x01,  // ports 50000, 443, sequence number
    };
    const Outcome outcome = decode(frame);
    ASSERT_TRUE(outcome.decoded);
    const Packet& packet = outcome.packet;
    EXPECT_EQ(packet.transport, TransportKind::icmp);
    EXPECT_EQ(to_string(packet.source), "10.0.0.254");
    EXPECT_EQ(packet.icmp.version, 4);
    EXPECT_EQ(packet.icmp.type, 3);
    EXPECT_EQ(packet.icmp.code, 13);
    EXPECT_EQ(packet.icmp.mtu, 0U);
    ASSERT_TRUE(packet.icmp.quoted);
    EXPECT_EQ(to_string(packet.icmp.quoted.source), "192.0.2.1:50000");
    EXPECT_EQ(to_string(packet.icmp.quoted.destination), "198.51.100.7:443");
    EXPECT_EQ(packet.icmp.quoted.protocol, 6);
    EXPECT_EQ(packet.payload.size(), 28U);
}

TEST(Icmp, EveryCutOfTheQuoteFailsCleanly) {
    const Octets quote = first(28, call());
    for (std::size_t kept = 0; kept < quote.size(); ++kept) {
        const Outcome outcome = decode_v4(message(3, 3, 0, first(kept, quote)));
        ASSERT_TRUE(outcome.decoded);
        const QuotedPacket& quoted = outcome.packet.icmp.quoted;
        EXPECT_EQ(static_cast<bool>(quoted), kept >= 20) << kept;
        EXPECT_EQ(quoted.source.port, kept >= 24 ? client_port : 0) << kept;
    }
}

TEST(Icmp, OnlyErrorsQuote) {
    for (int type = 0; type < 256; ++type) {
        const bool error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
        const Outcome outcome = decode_v4(message(static_cast<std::uint8_t>(type), 0, 0, call()));
        ASSERT_TRUE(outcome.decoded);
        EXPECT_EQ(outcome.packet.icmp.type, type);
        EXPECT_EQ(static_cast<bool>(outcome.packet.icmp.quoted), error) << type;
    }
}

TEST(Icmp, FragmentationNeededTellsTheSize) {
    EXPECT_EQ(decode_v4(message(3, 4, 0x12340578, call())).packet.icmp.mtu, 1400U);
    EXPECT_EQ(decode_v4(message(3, 3, 0x12340578, call())).packet.icmp.mtu, 0U);
}

TEST(Icmp, AQuotedLaterFragmentHasNoPorts) {
    const Octets fragment = ipv4(17, stun(), {.fragmentation = 0x0010});
    const QuotedPacket quoted = decode_v4(message(3, 13, 0, fragment)).packet.icmp.quoted;
    EXPECT_EQ(to_string(quoted.source.address), "192.0.2.1");
    EXPECT_EQ(quoted.source.port, 0);
}

TEST(Icmp, AQuoteWithOptionsIsRead) {
    const Octets packet = ipv4(17, udp(client_port, server_port, stun()), {.options = zeros(8)});
    EXPECT_EQ(decode_v4(message(3, 13, 0, packet)).packet.icmp.quoted.destination.port,
              server_port);
}

TEST(Icmp, AQuoteOfAnotherProtocolHasNoPorts) {
    const QuotedPacket quoted = decode_v4(message(3, 2, 0, ipv4(47, call()))).packet.icmp.quoted;
    EXPECT_EQ(quoted.protocol, 47);
    EXPECT_EQ(quoted.source.port, 0);
    EXPECT_TRUE(quoted);
}

TEST(Icmp, AQuoteThatIsNoPacketIsNone) {
    for (const Octets& odd : {Octets(28, 0), Octets(28, 0xff), Octets(28, 0x44)}) {
        EXPECT_FALSE(decode_v4(message(3, 1, 0, odd)).packet.icmp.quoted);
        EXPECT_FALSE(decode_v6(message(1, 1, 0, join({odd, odd}))).packet.icmp.quoted);
    }
}

TEST(Icmp, AShortMessageIsMalformed) {
    expect_malformed(decode_v4({3, 1, 0}), Layer::icmp, base::ParseError::bad_length);
    expect_malformed(decode_v6({1, 1, 0}), Layer::icmpv6, base::ParseError::bad_length);
    EXPECT_TRUE(decode_v4({3, 1, 0, 0}).decoded);
}

TEST(Icmpv6, AProhibitionQuotesItsPacket) {
    const Octets quoted = ipv6(17, udp(client_port, server_port, stun()));
    const Outcome outcome = decode_v6(message(1, 1, 0, quoted));
    ASSERT_TRUE(outcome.decoded);
    EXPECT_EQ(outcome.packet.icmp.version, 6);
    EXPECT_EQ(outcome.packet.icmp.type, 1);
    EXPECT_EQ(outcome.packet.icmp.code, 1);
    EXPECT_EQ(to_string(outcome.packet.icmp.quoted.source), "[2001:db8::1]:50000");
    EXPECT_EQ(to_string(outcome.packet.icmp.quoted.destination), "[2001:db8::2]:3478");
    EXPECT_EQ(outcome.packet.icmp.quoted.protocol, 17);
}

TEST(Icmpv6, PacketTooBigTellsTheSize) {
    EXPECT_EQ(decode_v6(message(2, 0, 1280, ipv6(6, zeros(20)))).packet.icmp.mtu, 1280U);
}

TEST(Icmpv6, QuotedExtensionHeadersAreWalked) {
    const Octets datagram = udp(client_port, server_port, stun());
    const Octets quoted = ipv6(0, join({{60, 0},
                                        zeros(6),  // hop-by-hop
                                        {51, 0},
                                        zeros(6),  // destination
                                        {44, 1},
                                        zeros(10),  // authentication
                                        {17, 0},
                                        be16(1),
                                        be32(1),
                                        datagram}));  // first fragment
    const QuotedPacket found = decode_v6(message(1, 4, 0, quoted)).packet.icmp.quoted;
    EXPECT_EQ(found.protocol, 17);
    EXPECT_EQ(found.source.port, client_port);
    const Octets later = ipv6(44, join({{17, 0}, be16(0x0101), be32(1), datagram}));
    EXPECT_EQ(decode_v6(message(1, 4, 0, later)).packet.icmp.quoted.source.port, 0);
}

TEST(Icmpv6, AnEndlessChainOfQuotedHeadersIsLeft) {
    Octets chain;
    for (int i = 0; i < 30; ++i) {
        chain = join({chain, {60, 0}, zeros(6)});
    }
    const QuotedPacket quoted = decode_v6(message(1, 4, 0, ipv6(60, chain))).packet.icmp.quoted;
    EXPECT_TRUE(quoted);
    EXPECT_EQ(quoted.source.port, 0);
}

TEST(Icmpv6, InformationQuotesNothing) {
    EXPECT_FALSE(decode_v6(message(128, 0, 0, ipv6(17, zeros(8)))).packet.icmp.quoted);
}

}  // namespace
}  // namespace turnpike::wire::test
