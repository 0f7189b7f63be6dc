// Length-prefixed datagrams in a stream.
#include "turnpike/proto/stream_framing.h"

#include <gtest/gtest.h>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using test::wire;
using test::with;
using test::operator+;

const auto framed_binding = wire(
    "00 14"                                                          // 20 octets follow
    "00 01 00 00 21 12 a4 42 00 01 02 03 04 05 06 07 08 09 0a 0b");  // Binding request

TEST(StreamFraming, TakesOneMessageAfterAnother) {
    const auto stream = framed_binding + wire("00 00") + wire("00 02 ab cd");
    const auto first = next_framed_message(stream);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->message.size(), 20U);
    const auto empty = next_framed_message(Bytes{stream}.subspan(first->consumed));
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->message.empty());
    EXPECT_EQ(empty->consumed, 2U);
    test::every_prefix_is_truncated(framed_binding, framed_binding.size(), next_framed_message);
}

TEST(StreamFraming, RecognizesWhatACallFrames) {
    EXPECT_EQ(probe_rfc4571(framed_binding), Likelihood::yes);
    // A DTLS handshake record.
    EXPECT_EQ(probe_rfc4571(wire("00 0e 16 fe ff 00 00 00 00 00 00 00 00 00 01 0e")),
              Likelihood::yes);
    EXPECT_EQ(probe_rfc4571(wire("00 0e 80 00 00 01 00 00 00 a0 12 34 56 78 d5 d5")),
              Likelihood::maybe);
    EXPECT_EQ(probe_rfc4571(wire("00 08 80 c9 00 01 12 34 56 78")), Likelihood::maybe);
}

TEST(StreamFraming, LengthsOffByOneAndLookAlikesAreRefused) {
    EXPECT_EQ(probe_rfc4571(with(framed_binding, 1, 0x15)), Likelihood::no);
    EXPECT_EQ(probe_rfc4571(with(framed_binding, 1, 0x13)), Likelihood::no);
    // Unframed STUN: a length of one, then less than a message.
    EXPECT_EQ(probe_rfc4571(Bytes{framed_binding}.subspan(2)), Likelihood::no);
    EXPECT_EQ(probe_rfc4571(base::as_bytes("GET / HTTP/1.1\r\n\r\n")), Likelihood::no);
    EXPECT_EQ(probe_rfc4571({}), Likelihood::no);
}

}  // namespace
}  // namespace turnpike::proto
