// RTP packets: their headers, and what looks like one and is none.
#include "turnpike/proto/rtp.h"

#include <gtest/gtest.h>

#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::ParseError;
using test::wire;
using test::with;

// A packet of a conference bridge: a contributing source, a header extension, padding.
const auto packet_bytes = wire(
    "b1 e0 30 39"     // version 2, padding, extension, one CSRC; marker, type 96; sequence 12345
    "00 01 5f 90"     // timestamp 90000
    "de ad be ef"     // SSRC
    "01 02 03 04"     // CSRC
    "be de 00 01"     // one-byte extension elements (RFC 8285), one word
    "10 ff 00 00"     // element 1
    "aa bb cc"        // payload
    "00 00 00 00 05"  // five octets of padding
);

TEST(Rtp, DecodesAllParts) {
    const auto packet = decode_rtp(packet_bytes);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->marker);
    EXPECT_EQ(packet->payload_type, 96);
    EXPECT_EQ(packet->sequence, 12345);
    EXPECT_EQ(packet->timestamp, 90000U);
    EXPECT_EQ(packet->ssrc, 0xdeadbeefU);
    EXPECT_EQ(packet->csrcs.size(), 4U);
    EXPECT_TRUE(packet->has_extension);
    EXPECT_EQ(packet->extension_profile, 0xbede);
    EXPECT_EQ(packet->extension.size(), 4U);
    EXPECT_EQ(packet->payload.size(), 3U);
    EXPECT_EQ(packet->padding, 5);
    EXPECT_FALSE(packet->padding_unreadable);
    EXPECT_EQ(probe_rtp(packet_bytes), Likelihood::maybe);
}

TEST(Rtp, EveryPrefixOfTheHeaderIsTruncated) {
    test::every_prefix_is_truncated(packet_bytes, 24, decode_rtp);
}

TEST(Rtp, CountsOffByOne) {
    // One CSRC more takes the extension header's place; what follows is read as that header.
    const auto more = with(packet_bytes, 0, 0xb2);
    EXPECT_EQ(decode_rtp(more)->extension_profile, 0x10ff);
    // One CSRC less: the CSRC is read as the extension header, 0x0304 words.
    EXPECT_EQ(decode_rtp(with(packet_bytes, 0, 0xb0)).error(), ParseError::truncated);
    // The extension one word longer or shorter moves the payload.
    const auto longer = with(packet_bytes, 19, 2);
    EXPECT_EQ(decode_rtp(longer)->extension.size(), 8U);
    const auto shorter = with(packet_bytes, 19, 0);
    EXPECT_EQ(decode_rtp(shorter)->payload.size(), 7U);
    // Three words more than there are.
    EXPECT_EQ(decode_rtp(with(packet_bytes, 19, 4)).error(), ParseError::truncated);
}

TEST(Rtp, EncryptedPaddingIsNoError) {
    const auto too_much = with(packet_bytes, packet_bytes.size() - 1, 9);
    const auto packet = decode_rtp(too_much);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->padding_unreadable);
    EXPECT_EQ(packet->padding, 0);
    EXPECT_EQ(packet->payload.size(), 8U);
    const auto none = with(packet_bytes, packet_bytes.size() - 1, 0);
    EXPECT_TRUE(decode_rtp(none)->padding_unreadable);
    const auto all = with(packet_bytes, packet_bytes.size() - 1, 8);
    EXPECT_TRUE(decode_rtp(all)->payload.empty());
}

TEST(Rtp, LookAlikesAreRefused) {
    EXPECT_EQ(decode_rtp(with(packet_bytes, 0, 0x71)).error(), ParseError::bad_version);
    // RTCP's types (RFC 5761 4), with and without the bit that is RTP's marker.
    EXPECT_EQ(probe_rtp(with(packet_bytes, 1, 200)), Likelihood::no);
    EXPECT_EQ(probe_rtp(with(packet_bytes, 1, 72)), Likelihood::no);
    // A DNS response whose id begins with two bits like version 2, without payload behind.
    EXPECT_EQ(probe_rtp(wire("80 00 00 00 00 00 00 00 00 00 00 00 00")), Likelihood::no);
    // Header alone.
    EXPECT_EQ(probe_rtp(wire("80 00 00 01 00 00 00 01 00 00 00 01")), Likelihood::no);
}

TEST(Rtp, KnowsTheClocksOfStaticTypes) {
    EXPECT_EQ(static_clock_rate(0), 8000U);
    EXPECT_EQ(static_clock_rate(9), 8000U);  // G722 (RFC 3551 4.5.2)
    EXPECT_EQ(static_clock_rate(14), 90000U);
    EXPECT_EQ(static_clock_rate(34), 90000U);
    EXPECT_EQ(static_clock_rate(96), 0U);
    EXPECT_EQ(static_clock_rate(2), 0U);
}

}  // namespace
}  // namespace turnpike::proto
