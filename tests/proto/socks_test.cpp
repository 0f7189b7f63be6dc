// Tests of SOCKS 5, 4 and 4a.
#include "turnpike/proto/socks.h"

#include <gtest/gtest.h>

#include "wire_bytes.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

TEST(Socks5, GreetingAndChoice) {
    const auto bytes = wire(
        "05"       // version
        "02"       // two methods
        "00 02");  // none, user name and password
    const auto greeting = decode_socks5_greeting(bytes);
    ASSERT_TRUE(greeting.has_value());
    EXPECT_EQ(greeting->methods.size(), 2U);
    EXPECT_EQ(greeting->size, 4U);
    every_prefix_is_truncated(bytes, bytes.size(),
                              [](Bytes prefix) { return decode_socks5_greeting(prefix); });
    EXPECT_EQ(probe_socks(bytes), Likelihood::maybe);
    EXPECT_EQ(probe_socks(with(bytes, 1, 1)), Likelihood::no);
    EXPECT_EQ(probe_socks(with(bytes, 1, 3)), Likelihood::no);
    EXPECT_EQ(probe_socks(wire("05 01 00 05 01 00 01 c0 00 02 01 01 bb")), Likelihood::maybe);
    EXPECT_EQ(probe_socks(wire("05 01 00 05 01 00 01 c0 00 02 01 01")), Likelihood::no);
    EXPECT_EQ(probe_socks(wire("05 01 00 48 54")), Likelihood::no);
    EXPECT_EQ(decode_socks5_greeting(wire("05 00")).error(), ParseError::bad_length);
    EXPECT_EQ(decode_socks5_greeting(wire("16 03 01")).error(), ParseError::not_this);
    EXPECT_EQ(decode_socks5_method(wire("05 ff"))->method, 0xff);
    EXPECT_EQ(decode_socks5_method(wire("05")).error(), ParseError::truncated);
    EXPECT_EQ(decode_socks5_method(wire("48 54")).error(), ParseError::not_this);
}

TEST(Socks5, RequestWithAName) {
    const auto bytes = wire(
        "05 01 00"                  // version, CONNECT, reserved
        "03 0c"                     // a name of 12 octets
        "7475726e2e6578616d706c65"  // turn.example
        "01bb");                    // port 443
    const auto request = decode_socks5_request(bytes);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->host, "turn.example");
    EXPECT_EQ(request->endpoint.port, 443);
    EXPECT_FALSE(request->endpoint.address);
    EXPECT_EQ(request->size, bytes.size());
    every_prefix_is_truncated(bytes, bytes.size(),
                              [](Bytes prefix) { return decode_socks5_request(prefix); });
    EXPECT_EQ(decode_socks5_request(with(bytes, 4, 13)).error(), ParseError::truncated);
    EXPECT_EQ(decode_socks5_request(with(bytes, 4, 11))->size, bytes.size() - 1);
}

TEST(Socks5, RequestWithAddresses) {
    const auto v4 = decode_socks5_request(wire("05 01 00 01 c0000201 0d96"));
    EXPECT_EQ(base::to_string(v4->endpoint), "192.0.2.1:3478");
    const auto v6 =
        decode_socks5_request(wire("05 03 00 04 20010db8000000000000000000000001 01bb"));
    EXPECT_EQ(base::to_string(v6->endpoint), "[2001:db8::1]:443");
    EXPECT_EQ(v6->code, 3);
}

TEST(Socks5, RepliesAndMistakes) {
    const auto good = decode_socks5_reply(wire("05 00 00 01 00000000 0000"));
    ASSERT_TRUE(good.has_value());
    EXPECT_TRUE(good->granted());
    EXPECT_FALSE(decode_socks5_reply(wire("05 02 00 01 00000000 0000"))->granted());
    EXPECT_EQ(decode_socks5_reply(wire("05 09 00 01 00000000 0000")).error(),
              ParseError::bad_value);
    EXPECT_EQ(decode_socks5_request(wire("05 00 00 01 00000000 0000")).error(),
              ParseError::bad_value);
    EXPECT_EQ(decode_socks5_request(wire("05 01 00 02 00000000 0000")).error(),
              ParseError::bad_value);
    EXPECT_EQ(decode_socks5_request(wire("05 01 01 01 00000000 0000")).error(),
              ParseError::bad_value);
    EXPECT_EQ(decode_socks5_request(wire("47 45 54 20")).error(), ParseError::not_this);
}

TEST(Socks5, PasswordMessageIsMeasured) {
    const auto bytes = wire("01 04 75736572 02 7077 ff");
    EXPECT_EQ(socks5_password_size(bytes).value_or(0), 9U);
    every_prefix_is_truncated(bytes, 9, [](Bytes prefix) { return socks5_password_size(prefix); });
    EXPECT_EQ(socks5_password_size(wire("05 01 00")).error(), ParseError::not_this);
}

TEST(Socks4, RequestWithAnAddress) {
    const auto bytes = wire(
        "04 01"          // version, CONNECT
        "01bb"           // port
        "c0000201"       // address
        "75736572 00");  // user id
    const auto request = decode_socks4_request(bytes);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(base::to_string(request->endpoint), "192.0.2.1:443");
    EXPECT_EQ(request->version, 4);
    EXPECT_EQ(probe_socks(bytes), Likelihood::yes);
    every_prefix_is_truncated(bytes, bytes.size(),
                              [](Bytes prefix) { return decode_socks4_request(prefix); });
}

TEST(Socks4, RequestWithANameAfterVersion4a) {
    const auto bytes = wire("04 01 01bb 00000001 00 612e6578616d706c65 00");
    const auto request = decode_socks4_request(bytes);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->host, "a.example");
    EXPECT_FALSE(request->endpoint.address);
    every_prefix_is_truncated(bytes, bytes.size(),
                              [](Bytes prefix) { return decode_socks4_request(prefix); });
    const auto endless = wire("04 01 01bb c0000201") + std::vector<std::uint8_t>(300, 'a');
    EXPECT_EQ(decode_socks4_request(endless).error(), ParseError::limit);
}

TEST(Socks4, RepliesAndLookAlikes) {
    EXPECT_TRUE(decode_socks4_reply(wire("00 5a 0000 00000000"))->granted());
    EXPECT_FALSE(decode_socks4_reply(wire("00 5b 0000 00000000"))->granted());
    EXPECT_EQ(decode_socks4_reply(wire("00 01 0000")).error(), ParseError::bad_value);
    EXPECT_EQ(decode_socks4_reply(wire("04 5a")).error(), ParseError::not_this);
    EXPECT_EQ(decode_socks4_request(wire("04 07 0000")).error(), ParseError::bad_value);
    // A TDS answer: type 4, status, length, and no printable user id.
    EXPECT_EQ(probe_socks(wire("04 01 0022 00340100 0000")), Likelihood::no);
    EXPECT_EQ(probe_socks({}), Likelihood::no);
    EXPECT_EQ(probe_socks(wire("16 03 01 00 05")), Likelihood::no);
}

}  // namespace
}  // namespace turnpike::proto::test
