// TURN ChannelData and multiplexed TURN sessions.
#include "turnpike/proto/channel_data.h"

#include <gtest/gtest.h>

#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::ParseError;
using base::Result;
using test::wire;
using test::with;
using test::operator+;

// RFC 8656 12.4, as it stands in a UDP datagram.
const auto datagram = wire(
    "40 01 00 05"       // channel 0x4001, five octets
    "80 6f 00 01 aa");  // the peer's datagram
const auto padded = datagram + wire("00 00 00");

Result<ChannelData> decode_tcp(Bytes bytes) {
    return decode_channel_data(bytes, ChannelPadding::required_on_tcp);
}
Result<ChannelData> decode_udp(Bytes bytes) {
    return decode_channel_data(bytes, ChannelPadding::optional_on_udp);
}

TEST(ChannelData, DecodesWithAndWithoutPaddingOverUdp) {
    for (const auto& bytes : {datagram, padded}) {
        const auto message = decode_udp(bytes);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->channel, 0x4001);
        EXPECT_EQ(message->payload.size(), 5U);
        EXPECT_EQ(message->consumed, bytes.size());
        EXPECT_EQ(probe_channel_data(bytes), Likelihood::yes);
    }
}

TEST(ChannelData, NeedsThePaddingOverTcp) {
    test::every_prefix_is_truncated(padded, padded.size(), decode_tcp);
    const auto stream = padded + datagram;
    const auto first = decode_tcp(stream);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->consumed, padded.size());
    EXPECT_EQ(decode_tcp(Bytes{stream}.subspan(first->consumed)).error(), ParseError::truncated);
}

TEST(ChannelData, EveryPrefixOverUdpIsTruncated) {
    test::every_prefix_is_truncated(datagram, datagram.size(), decode_udp);
}

TEST(ChannelData, LengthOffByOne) {
    EXPECT_EQ(decode_udp(with(datagram, 3, 6)).error(), ParseError::truncated);
    // One octet less: the last one would be padding, which is zero.
    EXPECT_EQ(probe_channel_data(with(datagram, 3, 4)), Likelihood::no);
    EXPECT_EQ(probe_channel_data(with(padded, 3, 4)), Likelihood::no);
}

TEST(ChannelData, LookAlikesAreRefused) {
    EXPECT_EQ(decode_udp(wire("00 01 00 00")).error(), ParseError::not_this);  // STUN
    EXPECT_EQ(decode_udp(wire("80 00 00 00")).error(), ParseError::not_this);  // RTP
    EXPECT_EQ(decode_udp(wire("ff 10 00 00")).error(), ParseError::not_this);
    // A QUIC short header in the same range of first octets.
    EXPECT_EQ(probe_channel_data(wire("43 19 c8 00 11 22 33 44 55 66")), Likelihood::no);
}

TEST(ChannelData, OldChannelsAndEmptyPayloadsAreOnlyLikely) {
    EXPECT_EQ(probe_channel_data(with(datagram, 0, 0x7f)), Likelihood::maybe);
    EXPECT_EQ(probe_channel_data(wire("40 01 00 00")), Likelihood::maybe);
}

// A multiplexed session: the length counts the session id.
const auto multiplexed = wire(
    "ff 10 00 0b"
    "01 02 03 04 05 06 07 08"
    "80 00 00");

TEST(MultiplexedTurn, Decodes) {
    const auto message = decode_multiplexed_turn(multiplexed + wire("ff"));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->session, 0x0102030405060708U);
    EXPECT_EQ(message->payload.size(), 3U);
    EXPECT_EQ(message->consumed, multiplexed.size());
    test::every_prefix_is_truncated(multiplexed, multiplexed.size(), decode_multiplexed_turn);
}

TEST(MultiplexedTurn, RefusesOtherLengthsAndChannels) {
    EXPECT_EQ(decode_multiplexed_turn(with(multiplexed, 3, 0x0c)).error(), ParseError::truncated);
    EXPECT_EQ(decode_multiplexed_turn(with(multiplexed, 3, 0x0a))->consumed,
              multiplexed.size() - 1);
    EXPECT_EQ(decode_multiplexed_turn(with(multiplexed, 3, 0x07)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_multiplexed_turn(with(multiplexed, 1, 0x11)).error(), ParseError::not_this);
}

}  // namespace
}  // namespace turnpike::proto
