// Zoom's headers in front of RTP and RTCP.
#include "turnpike/proto/zoom.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::ParseError;
using test::wire;
using test::with;
using test::operator+;

const auto rtp = wire("90 70 12 34 00 01 5f 90 01 00 04 02 be de 00 01 10 ff 00 00 aa bb");
const auto rtcp = wire(
    "80 c8 00 06 01 00 04 02 e4 7f 2b 00 80 00 00 00 00 00 3e 80 00 00 00 64"
    "00 00 3e 80");
const auto to_server = wire("05 00 2a 00 00 00 00 00");    // type 5, sequence 42, to the server
const auto from_server = wire("05 00 2b 00 00 00 00 04");  // from the server

// A media header: type, then zeros up to `size`.
std::vector<std::uint8_t> header(std::uint8_t type, std::size_t size) {
    std::vector<std::uint8_t> bytes(size, 0);
    bytes[0] = type;
    return bytes;
}

TEST(Zoom, FindsAudioBehindBothHeaders) {
    const auto bytes = to_server + header(15, 19) + rtp;
    const auto packet = decode_zoom(bytes);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->through_server);
    EXPECT_FALSE(packet->from_server);
    EXPECT_EQ(packet->media, ZoomMedia::audio);
    EXPECT_FALSE(packet->is_rtcp);
    EXPECT_EQ(packet->inner.size(), rtp.size());
}

TEST(Zoom, FindsMediaOfEveryKind) {
    const auto video = from_server + with(header(16, 24), 20, 2) + rtp;
    ASSERT_TRUE(decode_zoom(video));
    EXPECT_TRUE(decode_zoom(video)->from_server);
    EXPECT_EQ(decode_zoom(video)->inner.size(), rtp.size());
    EXPECT_TRUE(decode_zoom(to_server + header(16, 20) + rtp));
    EXPECT_TRUE(decode_zoom(to_server + with(header(13, 27), 7, 0x1e) + rtp));
    EXPECT_TRUE(decode_zoom(header(30, 20) + rtp));  // peer to peer: no outer header
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{33, 34, 35}) {
        const auto bytes = to_server + header(type, 16) + rtcp;
        const auto packet = decode_zoom(bytes);
        ASSERT_TRUE(packet);
        EXPECT_TRUE(packet->is_rtcp);
    }
}

TEST(Zoom, EveryPrefixOfTheHeadersIsTruncated) {
    const auto bytes = to_server + header(15, 19) + rtp;
    test::every_prefix_is_truncated(bytes, 28, decode_zoom);
}

TEST(Zoom, RefusesWhatHoldsNoMedia) {
    EXPECT_EQ(decode_zoom(to_server + header(15, 20) + rtp).error(), ParseError::not_this);
    EXPECT_EQ(decode_zoom(to_server + header(15, 18) + rtp).error(), ParseError::not_this);
    EXPECT_EQ(decode_zoom(to_server + header(21, 19) + rtp).error(), ParseError::not_this);
    EXPECT_EQ(decode_zoom(with(to_server, 7, 1) + header(15, 19) + rtp).error(),
              ParseError::not_this);
    EXPECT_EQ(decode_zoom(to_server + header(13, 27) + rtp).error(), ParseError::not_this);
    EXPECT_EQ(decode_zoom(to_server + header(33, 16) + rtp).error(), ParseError::not_this);
    // A DNS query.
    EXPECT_FALSE(decode_zoom(wire("00 01 01 00 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01")));
}

TEST(Zoom, KnowsItsServerPorts) {
    EXPECT_TRUE(is_zoom_server_port(8801));
    EXPECT_TRUE(is_zoom_server_port(8810));
    EXPECT_FALSE(is_zoom_server_port(8800));
    EXPECT_FALSE(is_zoom_server_port(8811));
}

}  // namespace
}  // namespace turnpike::proto
