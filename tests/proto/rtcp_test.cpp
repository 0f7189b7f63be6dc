// RTCP compounds, plain and as SRTCP.
#include "turnpike/proto/rtcp.h"

#include <gtest/gtest.h>

#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::ParseError;
using test::wire;
using test::with;
using test::operator+;

const auto sender_report = wire(
    "81 c8 00 0c"              // version 2, one report; SR; 13 words
    "11 22 33 44"              // SSRC of the sender
    "e4 7f 2b 00 80 00 00 00"  // NTP timestamp
    "00 00 3e 80"              // RTP timestamp
    "00 00 00 64 00 00 3e 80"  // 100 packets, 16000 octets
    "de ad be ef"              // SSRC of the report block
    "40 ff ff fe"              // a quarter lost; -2 cumulative
    "00 01 30 39 00 00 00 50"  // highest sequence, jitter 80
    "00 00 00 00 00 00 00 00"  // LSR, DLSR
);
const auto description = wire(
    "81 ca 00 03"                          // SDES, one chunk
    "11 22 33 44 01 04 61 40 62 63 00 00"  // CNAME "a@bc"
);
const auto goodbye = wire("81 cb 00 01 11 22 33 44");
const auto picture_loss = wire("81 ce 00 02 11 22 33 44 ca fe ba be");  // PSFB, PLI

TEST(Rtcp, DecodesACompound) {
    const auto bytes = sender_report + description + goodbye;
    const auto compound = decode_rtcp(bytes);
    ASSERT_TRUE(compound);
    EXPECT_EQ(compound->first.type, RtcpType::sender_report);
    EXPECT_EQ(compound->first.ssrc, 0x11223344U);
    EXPECT_EQ(compound->packet_count, 3);
    EXPECT_FALSE(compound->encrypted);
    EXPECT_EQ(probe_rtcp(bytes), Likelihood::yes);
}

TEST(Rtcp, DecodesFeedbackAndExtendedReports) {
    const auto bytes = picture_loss + wire("80 cf 00 01 11 22 33 44");
    const auto compound = decode_rtcp(bytes);
    ASSERT_TRUE(compound);
    EXPECT_EQ(compound->first.type, RtcpType::payload_feedback);
    EXPECT_EQ(compound->first.count, 1);
}

TEST(Rtcp, EveryPrefixIsTruncated) {
    test::every_prefix_is_truncated(sender_report, sender_report.size(), decode_rtcp);
}

TEST(Rtcp, LengthsOffByOne) {
    const auto bytes = sender_report + description;
    EXPECT_EQ(decode_rtcp(with(sender_report, 3, 0x0d)).error(), ParseError::truncated);
    EXPECT_EQ(decode_rtcp(with(bytes, 3, 0x0d)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_rtcp(with(bytes, 3, 0x0b)).error(), ParseError::bad_length);
    // A length that fits its type, but an SDES behind it that does not fit the datagram.
    EXPECT_EQ(probe_rtcp(with(bytes, sender_report.size() + 3, 4)), Likelihood::maybe);
}

TEST(Rtcp, ReadsWhatEncryptionLeavesOpen) {
    // SRTCP (RFC 3711 3.4): behind the SSRC all is noise, then E flag and index, then the tag.
    const auto bytes = wire(
        "80 c9 00 01 55 66 77 88"
        "9a 13 f7 22 c1 00 5e 77 10 9d 42 d8"
        "80 00 00 2a"
        "01 02 03 04 05 06 07 08 09 0a");
    const auto compound = decode_rtcp(bytes);
    ASSERT_TRUE(compound);
    EXPECT_TRUE(compound->encrypted);
    EXPECT_EQ(compound->first.ssrc, 0x55667788U);
    EXPECT_EQ(compound->srtcp_index, 42U);
    EXPECT_EQ(probe_rtcp(bytes), Likelihood::maybe);
    // With AEAD (RFC 7714 9.2) the index is last.
    const auto aead = decode_rtcp(wire(
        "80 c9 00 01 55 66 77 88 9a 13 f7 22 c1 00 5e 77 10 9d 42 d8 9a 13 f7 22 80 00 00 07"));
    ASSERT_TRUE(aead);
    EXPECT_EQ(aead->srtcp_index, 7U);
    // Without an index, a report of the right length still tells; other types do not.
    const auto sealed = decode_rtcp(with(bytes, 20, 0x00));
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(sealed->encrypted);
    EXPECT_FALSE(sealed->srtcp_index);
    EXPECT_EQ(decode_rtcp(with(with(bytes, 20, 0x00), 1, 205)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_rtcp(with(with(bytes, 20, 0x00), 0, 0x81)).error(), ParseError::bad_length);
}

TEST(Rtcp, AuthenticatedOnlyIsPlain) {
    const auto bytes = sender_report + wire("00 00 00 2a 01 02 03 04 05 06 07 08 09 0a");
    const auto compound = decode_rtcp(bytes);
    ASSERT_TRUE(compound);
    EXPECT_FALSE(compound->encrypted);
}

TEST(Rtcp, PaddingIsNoReport) {
    const auto bytes = wire("a1 ce 00 03 11 22 33 44 ca fe ba be 00 00 00 04");
    const auto compound = decode_rtcp(bytes);
    ASSERT_TRUE(compound);
    EXPECT_EQ(compound->first.body.size(), 8U);
}

TEST(Rtcp, LookAlikesAreRefused) {
    EXPECT_EQ(decode_rtcp(wire("40 c8 00 01 11 22 33 44")).error(), ParseError::bad_version);
    EXPECT_EQ(decode_rtcp(wire("80 60 00 01 11 22 33 44")).error(), ParseError::not_this);
    EXPECT_EQ(probe_rtcp(wire("80 cb 00 00")), Likelihood::no);
    EXPECT_EQ(probe_rtcp({}), Likelihood::no);
}

TEST(Rtcp, UnknownTypesSurvive) {
    const auto compound = decode_rtcp(wire("80 d5 00 01 11 22 33 44"));
    ASSERT_TRUE(compound);
    EXPECT_EQ(static_cast<int>(compound->first.type), 213);
    EXPECT_EQ(probe_rtcp(wire("80 d5 00 01 11 22 33 44")), Likelihood::maybe);
}

}  // namespace
}  // namespace turnpike::proto
