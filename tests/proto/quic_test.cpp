// Tests of QUIC packet headers and frames.
#include "turnpike/proto/quic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quic_seal.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

TEST(QuicPacket, DecodesTheServerInitialOfRfc9001) {
    const auto datagram = example_server_initial(quic_v1);
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest);
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(packet->type, QuicPacketType::initial);
    EXPECT_EQ(packet->version, quic_v1);
    EXPECT_TRUE(packet->destination_id.empty());
    EXPECT_EQ(Octets(packet->source_id.begin(), packet->source_id.end()), example_server_id());
    EXPECT_TRUE(packet->token.empty());
    EXPECT_EQ(packet->packet_number_offset, 18U);
    EXPECT_EQ(packet->bytes.size(), datagram.size());
}

TEST(QuicPacket, TypesOfVersion2AreOthers) {
    auto datagram = example_server_initial(quic_v2);
    Bytes rest{datagram};
    EXPECT_EQ(decode_quic_packet(rest)->type, QuicPacketType::initial);
    datagram.erase(datagram.begin() + 15);  // the others have no length of a token
    const auto type = [&](std::uint8_t first) {
        const auto changed = with(datagram, 0, first);
        Bytes bytes{changed};
        const auto packet = decode_quic_packet(bytes);
        return packet ? packet->type : QuicPacketType::one_rtt;
    };
    EXPECT_EQ(type(0xc0), QuicPacketType::retry);
    EXPECT_EQ(type(0xe0), QuicPacketType::zero_rtt);
    EXPECT_EQ(type(0xf0), QuicPacketType::handshake);
}

TEST(QuicPacket, EveryPrefixIsTruncated) {
    const auto datagram = example_server_initial(quic_v1);
    every_prefix_is_truncated(datagram, datagram.size(),
                              [](Bytes bytes) { return decode_quic_packet(bytes); });
}

TEST(QuicPacket, TheHeaderOfACutOneTellsItsType) {
    const auto datagram = example_server_initial(quic_v1);
    for (std::size_t size = 15; size <= datagram.size(); ++size) {  // 15: behind the ids
        const auto header = decode_quic_header(Bytes{datagram}.first(size));
        ASSERT_TRUE(header.has_value()) << size;
        EXPECT_EQ(header->type, QuicPacketType::initial);
        EXPECT_EQ(header->source_id.size(), 8U);
    }
    EXPECT_EQ(decode_quic_header(Bytes{datagram}.first(14)).error(), ParseError::truncated);
    const auto refused = [](const Octets& octets) { return decode_quic_header(octets).error(); };
    EXPECT_EQ(refused(with(datagram, 0, 0x43)), ParseError::not_this);  // a short header
    EXPECT_EQ(refused(with(datagram, 0, 0x83)), ParseError::not_this);  // no fixed bit
    EXPECT_EQ(refused(with(datagram, 1, 0x77)), ParseError::not_this);  // a version nobody knows
}

TEST(QuicPacket, LengthsOffByOne) {
    const auto datagram = example_server_initial(quic_v1);
    Bytes rest;
    const auto decode = [&](std::size_t at, int step) {
        static Octets changed;
        changed = with(datagram, at, static_cast<std::uint8_t>(datagram[at] + step));
        rest = changed;
        return decode_quic_packet(rest);
    };
    EXPECT_EQ(decode(17, 1).error(), ParseError::truncated);  // length of the packet
    ASSERT_TRUE(decode(17, -1).has_value());
    EXPECT_EQ(rest.size(), 1U);
    // Lengths of the ids: what follows is read from the wrong place and does not fit.
    EXPECT_FALSE(decode(5, 1).has_value());
    EXPECT_FALSE(decode(6, 1).has_value() && rest.empty());
    EXPECT_FALSE(decode(6, -1).has_value() && rest.empty());
    auto long_id = with(datagram, 5, 21);
    long_id.resize(300, 0x41);
    rest = long_id;
    EXPECT_EQ(decode_quic_packet(rest).error(), ParseError::limit);
}

TEST(QuicPacket, CoalescedOnesFollowOneAnother) {
    // RFC 9000 12.2: Initial, Handshake, and a short header last.
    Octets handshake_packet = with(example_server_initial(quic_v1), 0, 0xe1);
    handshake_packet.erase(handshake_packet.begin() + 15);  // no token length
    const Octets datagram = example_server_initial(quic_v1) + handshake_packet + Octets(40, 0x41);
    Bytes rest{datagram};
    std::vector<QuicPacketType> types;
    while (!rest.empty()) {
        const auto packet = decode_quic_packet(rest);
        ASSERT_TRUE(packet.has_value());
        types.push_back(packet->type);
    }
    EXPECT_THAT(types, testing::ElementsAre(QuicPacketType::initial, QuicPacketType::handshake,
                                            QuicPacketType::one_rtt));
}

TEST(QuicPacket, RetryHasATokenAndATag) {
    const auto datagram = example_retry(quic_v1);
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest);
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->type, QuicPacketType::retry);
    EXPECT_EQ(base::as_text(packet->token), "token");
    const Octets too_short = slice(datagram, 0, 25);
    rest = too_short;
    EXPECT_EQ(decode_quic_packet(rest).error(), ParseError::truncated);
}

TEST(QuicPacket, VersionNegotiationListsVersions) {
    // RFC 9000 17.2.1; the first octet's low bits are anything.
    const auto datagram = wire("9a 00000000 04 a1a2a3a4 04 b1b2b3b4 00000001 6b3343cf 1a2a3a4a");
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest);
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->type, QuicPacketType::version_negotiation);
    EXPECT_EQ(packet->versions.size(), 12U);
    EXPECT_EQ(probe_quic(datagram), Likelihood::yes);
    const Octets cut = slice(datagram, 0, datagram.size() - 1);
    rest = cut;
    EXPECT_EQ(decode_quic_packet(rest).error(), ParseError::bad_length);
}

TEST(QuicPacket, ShortHeaderNeedsTheLengthOfTheId) {
    const Octets datagram = wire("41 a1a2a3a4") + Octets(30, 9);
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest, 4);
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->type, QuicPacketType::one_rtt);
    EXPECT_EQ(packet->destination_id.size(), 4U);
    EXPECT_TRUE(rest.empty());
}

TEST(QuicPacket, UnknownVersionsKeepTheirIds) {
    const auto datagram = wire("c0 12345678 02 a1a2 01 b1 ffffffff");
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest);
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->type, QuicPacketType::unknown_long);
    EXPECT_EQ(packet->destination_id.size(), 2U);
    EXPECT_EQ(probe_quic(datagram), Likelihood::maybe);
}

TEST(ProbeQuic, KnowsLookAlikes) {
    EXPECT_EQ(probe_quic(example_server_initial(quic_v1)), Likelihood::yes);
    EXPECT_EQ(probe_quic(example_server_initial(quic_v2)), Likelihood::yes);
    EXPECT_EQ(probe_quic(wire("41") + Octets(30, 7)), Likelihood::maybe);
    EXPECT_EQ(probe_quic({}), Likelihood::no);
    // RTP, STUN, DNS, DTLS.
    EXPECT_EQ(probe_quic(wire("8060 0001 00000000 11223344 0102030405060708")), Likelihood::no);
    EXPECT_NE(probe_quic(wire("8000 0000 0000 00a0 11223344 ffffff")), Likelihood::yes);
    EXPECT_EQ(probe_quic(wire("0001 0000 2112a442 000102030405060708090a0b")), Likelihood::no);
    EXPECT_EQ(probe_quic(wire("1234 0100 0001 0000 0000 0000 00")), Likelihood::no);
    EXPECT_EQ(probe_quic(wire("16 feff 0000 000000000000 0004 0e000000")), Likelihood::no);
}

TEST(QuicFamily, OfVersions) {
    EXPECT_EQ(quic_family(quic_v1), QuicFamily::ietf);
    EXPECT_EQ(quic_family(quic_v2), QuicFamily::ietf);
    for (std::uint32_t draft = 23; draft <= 34; ++draft) {
        EXPECT_EQ(quic_family(0xff000000U + draft), QuicFamily::ietf) << draft;
    }
    EXPECT_EQ(quic_family(0xfaceb002), QuicFamily::ietf);
    EXPECT_EQ(quic_family(0), QuicFamily::negotiation);
    EXPECT_EQ(quic_family(0x1a2a3a4a), QuicFamily::reserved);
    EXPECT_EQ(quic_family(0x51303433), QuicFamily::gquic_public);
    EXPECT_EQ(quic_family(0x51303436), QuicFamily::gquic_long);
    EXPECT_EQ(quic_family(0x51303530), QuicFamily::gquic_initial);
    EXPECT_EQ(quic_family(0x12345678), QuicFamily::unknown);
}

TEST(QuicFrame, DecodesWhatInitialsHold) {
    const Octets payload = wire(
        "000000"                   // padding
        "01"                       // PING
        "02 05 40 64 01 02 03 04"  // ACK: largest 5, delay 100, 1 range
        "03 00 00 00 00 01 02 03"  // ACK with ECN counts
        "06 02 03 aabbcc"          // CRYPTO at 2
        "1c 41 28 06 03 626164"    // CONNECTION_CLOSE: TLS alert 40, "bad"
        "1d 07 00"                 // the application's
        "00");
    Bytes rest{payload};
    std::vector<QuicFrame> frames;
    while (!rest.empty()) {
        const auto frame = decode_quic_frame(rest);
        ASSERT_TRUE(frame.has_value());
        frames.push_back(*frame);
    }
    ASSERT_EQ(frames.size(), 8U);
    EXPECT_EQ(frames[0].type, QuicFrame::Type::padding);
    EXPECT_EQ(frames[1].type, QuicFrame::Type::ping);
    EXPECT_EQ(frames[2].type, QuicFrame::Type::ack);
    EXPECT_EQ(frames[3].type, QuicFrame::Type::ack);
    EXPECT_EQ(frames[4].type, QuicFrame::Type::crypto);
    EXPECT_EQ(frames[4].offset, 2U);
    EXPECT_EQ(frames[4].data.size(), 3U);
    EXPECT_EQ(frames[5].type, QuicFrame::Type::connection_close);
    EXPECT_EQ(frames[5].error_code, 0x128U);
    EXPECT_EQ(base::as_text(frames[5].data), "bad");
    EXPECT_TRUE(frames[6].application_close);
    EXPECT_EQ(frames[6].error_code, 7U);
}

TEST(QuicFrame, PrefixesAndWrongLengthsAreTruncated) {
    for (const auto& frame : {wire("02 05 40 64 01 02 03 04"), wire("06 02 03 aabbcc"),
                              wire("1c 41 28 06 03 626164")}) {
        every_prefix_is_truncated(frame, frame.size(),
                                  [](Bytes bytes) { return decode_quic_frame(bytes); });
    }
    const auto longer = wire("06 02 04 aabbcc");
    Bytes rest{longer};
    EXPECT_EQ(decode_quic_frame(rest).error(), ParseError::truncated);
    const auto shorter = wire("06 02 02 aabbcc");
    rest = shorter;
    EXPECT_TRUE(decode_quic_frame(rest).has_value());
    EXPECT_EQ(rest.size(), 1U);
    const auto endless = wire("02 05 00 ffffffffffffffff 00");  // an ACK of 2^62 ranges
    rest = endless;
    EXPECT_EQ(decode_quic_frame(rest).error(), ParseError::truncated);
    const auto stream = wire("08 00 01 02");  // STREAM is not for Initials (RFC 9000 12.4)
    rest = stream;
    EXPECT_EQ(decode_quic_frame(rest).error(), ParseError::bad_value);
}

TEST(Q050Frame, HasNumbersOfItsOwn) {
    const auto payload = wire("07 08 02 03 aabbcc 0000");
    Bytes rest{payload};
    EXPECT_EQ(decode_q050_frame(rest)->type, QuicFrame::Type::ping);
    const auto crypto = decode_q050_frame(rest);
    ASSERT_TRUE(crypto.has_value());
    EXPECT_EQ(crypto->type, QuicFrame::Type::crypto);
    EXPECT_EQ(crypto->offset, 2U);
    EXPECT_EQ(decode_q050_frame(rest)->type, QuicFrame::Type::padding);
    EXPECT_TRUE(rest.empty());
    const auto ack = wire("60 00");
    rest = ack;
    EXPECT_EQ(decode_q050_frame(rest).error(), ParseError::bad_value);
}

}  // namespace
}  // namespace turnpike::proto::test
