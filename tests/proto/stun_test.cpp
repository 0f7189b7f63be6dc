// STUN and TURN messages, with the test vectors of RFC 5769.
#include "turnpike/proto/stun.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::ParseError;
using test::wire;
using test::with;
using test::operator+;  // NOLINT(misc-unused-using-decls): "bytes + wire()" uses it

// RFC 5769 2.1
const auto request = wire(
    "00 01 00 58"                                      // Binding request, 88 octets
    "21 12 a4 42"                                      // magic cookie
    "b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"              // transaction id
    "80 22 00 10"                                      // SOFTWARE
    "53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74"  // "STUN test client"
    "00 24 00 04 6e 00 01 ff"                          // PRIORITY
    "80 29 00 08 93 2f f9 b1 51 26 3b 36"              // ICE-CONTROLLED
    "00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20"  // USERNAME "evtj:h6vY", padded with blanks
    "00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5"  // MESSAGE-INTEGRITY
    "b2 d3 f2 49 c1 b5 71 a2"
    "80 28 00 04 e5 7a 3b cf");  // FINGERPRINT

// RFC 5769 2.2
const auto response_v4 = wire(
    "01 01 00 3c"  // Binding success
    "21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
    "80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"  // SOFTWARE "test vector"
    "00 20 00 08 00 01 a1 47 e1 12 a6 43"              // XOR-MAPPED-ADDRESS 192.0.2.1:32853
    "00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9"
    "2a f9 ba 53 f0 6b e7 d7"
    "80 28 00 04 c0 7d 4c 96");

// RFC 5769 2.3
const auto response_v6 = wire(
    "01 01 00 48"
    "21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
    "80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"
    "00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79"  // XOR-MAPPED-ADDRESS, IPv6
    "bc 25 f4 b5 be d2 b9 d9"
    "00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c"
    "82 92 c2 75 bf e3 ed 41"
    "80 28 00 04 c8 fb 0b 4c");

// RFC 5769 2.4
const auto long_term_request = wire(
    "00 01 00 60 21 12 a4 42 78 ad 34 33 c6 ad 72 c0 29 da 41 2e"
    "00 06 00 12 e3 83 9e e3 83 88 e3 83 aa e3 83 83"  // USERNAME in UTF-8
    "e3 82 af e3 82 b9 00 00"
    "00 15 00 1c 66 2f 2f 34 39 39 6b 39 35 34 64 36"  // NONCE
    "4f 4c 33 34 6f 4c 39 46 53 54 76 79 36 34 73 41"
    "00 14 00 0b 65 78 61 6d 70 6c 65 2e 6f 72 67 00"  // REALM "example.org"
    "00 08 00 14 f6 70 24 65 6d d6 4a 3e 02 b8 e0 71"
    "2e 85 c9 a2 8c a8 96 66");

const std::string_view cookie_and_id = "21 12 a4 42 00 01 02 03 04 05 06 07 08 09 0a 0b";

// A message of the given type (hex) with the given attributes (hex).
std::vector<std::uint8_t> message_of(std::string_view type, std::string_view attributes) {
    const auto body = wire(attributes);
    auto bytes = wire(type);
    bytes.push_back(static_cast<std::uint8_t>(body.size() >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(body.size()));
    return bytes + wire(cookie_and_id) + body;
}

TEST(Stun, DecodesTheSampleRequest) {
    const auto message = decode_stun(request);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method, StunMethod::binding);
    EXPECT_EQ(message->klass, StunClass::request);
    EXPECT_FALSE(message->classic);
    EXPECT_EQ(message->software, "STUN test client");
    EXPECT_EQ(message->username, "evtj:h6vY");
    EXPECT_TRUE(message->ice);
    EXPECT_FALSE(message->is_turn());
    EXPECT_FALSE(message->attribute_error);
    EXPECT_EQ(message->consumed(), request.size());
    EXPECT_EQ(probe_stun(request), Likelihood::yes);
}

TEST(Stun, DecodesTheSampleResponses) {
    const auto four = decode_stun(response_v4);
    ASSERT_TRUE(four);
    EXPECT_EQ(four->klass, StunClass::success);
    EXPECT_EQ(four->software, "test vector");
    EXPECT_EQ(base::to_string(four->mapped), "192.0.2.1:32853");
    const auto six = decode_stun(response_v6);
    ASSERT_TRUE(six);
    EXPECT_EQ(base::to_string(six->mapped), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
    EXPECT_EQ(four->transaction_id, decode_stun(request)->transaction_id);
}

TEST(Stun, DecodesTheLongTermSample) {
    const auto message = decode_stun(long_term_request);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->realm, "example.org");
    EXPECT_EQ(message->nonce_length, 28);
    EXPECT_EQ(message->username, "マトリックス");
}

TEST(Stun, EveryPrefixIsTruncated) {
    test::every_prefix_is_truncated(request, request.size(), decode_stun);
    for (std::size_t length = 0; length < request.size(); ++length) {
        const auto verdict = probe_stun(Bytes{request}.first(length));
        EXPECT_EQ(verdict, length < 20 ? Likelihood::no : Likelihood::maybe) << length;
    }
}

TEST(Stun, MessageLengthOffByOne) {
    EXPECT_EQ(decode_stun(with(request, 3, 0x59)).error(), ParseError::truncated);
    // One octet less: FINGERPRINT is cut, and no other reading fits.
    EXPECT_EQ(decode_stun(with(request, 3, 0x57)).error(), ParseError::bad_length);
}

TEST(Stun, AttributeLengthOffByOne) {
    // The last attribute one longer than the message.
    const auto longer_bytes = with(request, request.size() - 5, 5);
    const auto longer = decode_stun(longer_bytes);
    ASSERT_TRUE(longer);
    EXPECT_EQ(longer->attribute_error, ParseError::bad_length);
    EXPECT_EQ(longer->username, "evtj:h6vY");  // what came before is decoded
    // A length in the middle that runs past the end.
    const auto middle = decode_stun(with(request, 22, 0x01));
    ASSERT_TRUE(middle);
    EXPECT_EQ(middle->attribute_error, ParseError::bad_length);
}

TEST(Stun, ReadsOneMessageOfASegmentAtATime) {
    const auto segment = request + response_v4 + wire("00 01");
    const auto first = decode_stun(segment);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->consumed(), request.size());
    const auto second = decode_stun(Bytes{segment}.subspan(first->consumed()));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->klass, StunClass::success);
    EXPECT_EQ(probe_stun(segment), Likelihood::yes);
}

TEST(Stun, DecodesATurnChallenge) {
    const auto bytes = message_of("01 13",  // Allocate error
                                  "00 09 00 10 00 00 04 01 55 6e 61 75 74 68 6f 72 69 7a 65 64"
                                  "00 14 00 04 74 65 73 74"    // REALM "test"
                                  "00 15 00 02 61 62 00 00");  // NONCE
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method, StunMethod::allocate);
    EXPECT_EQ(message->klass, StunClass::error);
    EXPECT_EQ(message->error_code, 401);
    EXPECT_EQ(message->error_reason, "Unauthorized");
    EXPECT_EQ(message->realm, "test");
    EXPECT_EQ(message->nonce_length, 2);
    EXPECT_TRUE(message->is_turn());
}

TEST(Stun, DecodesAnAllocation) {
    const auto bytes = message_of("01 03",
                                  "00 16 00 08 00 01 a1 47 e1 12 a6 43"  // relayed 192.0.2.1:32853
                                  "00 20 00 08 00 01 21 13 e1 12 a6 41"  // mapped 192.0.2.3:1
                                  "00 0d 00 04 00 00 02 58");            // 600 s
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(base::to_string(message->relayed), "192.0.2.1:32853");
    EXPECT_EQ(base::to_string(message->mapped), "192.0.2.3:1");
}

TEST(Stun, KeepsSeveralPeers) {
    std::string attributes;
    for (int i = 0; i < 10; ++i) {
        attributes += "00 12 00 08 00 01 21 12 e1 12 a6 4" + std::to_string(i);
    }
    const auto message = decode_stun(message_of("00 08", attributes));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method, StunMethod::create_permission);
    ASSERT_EQ(message->peers().size(), stun_max_peers);
    EXPECT_EQ(base::to_string(message->peers()[1].address), "192.0.2.3");
}

TEST(Stun, DecodesASendIndication) {
    const auto bytes = message_of("00 16",
                                  "00 12 00 08 00 01 21 12 e1 12 a6 43"
                                  "00 1a 00 00"                // DONT-FRAGMENT
                                  "00 13 00 03 01 02 03 00");  // DATA
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method, StunMethod::send);
    EXPECT_EQ(message->klass, StunClass::indication);
    ASSERT_TRUE(message->has_data);
    EXPECT_EQ(std::vector(message->data.begin(), message->data.end()),
              (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST(Stun, EachAttributeOfIceTells) {
    for (const auto* const attribute :
         {"00 24 00 04 6e 00 01 ff", "00 25 00 00", "80 29 00 08 00 00 00 00 00 00 00 01",
          "80 2a 00 08 00 00 00 00 00 00 00 01"}) {
        EXPECT_TRUE(decode_stun(message_of("00 01", attribute))->ice) << attribute;
    }
    EXPECT_FALSE(decode_stun(message_of("00 01", "80 22 00 04 61 62 63 64"))->ice);
}

TEST(Stun, UnknownMethodsAndAttributesSurvive) {
    const auto bytes = message_of("08 01", "7f ff 00 00 ff fe 00 02 01 02 00 00");
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(static_cast<unsigned>(message->method), 0x201U);
    EXPECT_EQ(message->klass, StunClass::request);
}

TEST(Stun, MethodAndClassBitsInterleave) {
    for (unsigned method = 0; method < 0x1000; method += 0x111) {
        for (unsigned klass = 0; klass < 4; ++klass) {
            const unsigned type = (method & 0xfU) | ((method & 0x70U) << 1U) |
                                  ((method & 0xf80U) << 2U) | ((klass & 1U) << 4U) |
                                  ((klass & 2U) << 7U);
            auto bytes = message_of("00 00", "");
            bytes[0] = static_cast<std::uint8_t>(type >> 8U);
            bytes[1] = static_cast<std::uint8_t>(type);
            const auto message = decode_stun(bytes);
            ASSERT_TRUE(message);
            EXPECT_EQ(static_cast<unsigned>(message->method), method);
            EXPECT_EQ(static_cast<unsigned>(message->klass), klass);
        }
    }
}

TEST(Stun, ReadsAttributesWithoutPadding) {
    // SOFTWARE of five octets directly followed by PRIORITY.
    const auto bytes = message_of("00 01", "80 22 00 05 61 62 63 64 65 00 24 00 04 00 00 00 01");
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->software, "abcde");
    EXPECT_TRUE(message->ice);
    EXPECT_FALSE(message->attribute_error);
    EXPECT_EQ(message->consumed(), bytes.size());
}

TEST(Stun, TheLastAttributeMayLackItsPadding) {
    const auto bytes = message_of("00 01", "00 24 00 04 00 00 00 01 80 22 00 03 61 62 63");
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->software, "abc");
    EXPECT_TRUE(message->ice);
    EXPECT_FALSE(message->attribute_error);
}

// What the snap length left: whole attributes, whatever they are, and no message without a cookie.
TEST(Stun, ACutMessageKeepsItsWholeAttributes) {
    for (std::size_t size = 20; size < request.size(); ++size) {
        const auto cut = decode_stun_prefix(Bytes{request}.first(size));
        ASSERT_TRUE(cut) << size;
        EXPECT_TRUE(cut->cut);
        EXPECT_FALSE(cut->attribute_error) << size;
        EXPECT_EQ(cut->software.empty(), size < 40) << size;
        EXPECT_EQ(cut->ice, size >= 48) << size;
        EXPECT_EQ(cut->username.empty(), size < 73) << size;
    }
    EXPECT_FALSE(decode_stun_prefix(Bytes{request}.first(19)));
    const auto whole = decode_stun_prefix(request);
    ASSERT_TRUE(whole);
    EXPECT_FALSE(whole->cut);
    const auto no_cookie = with(request, 4, 0x22);
    EXPECT_FALSE(decode_stun_prefix(Bytes{no_cookie}.first(60)));
}

// A Binding response of RFC 3489, whose id is sixteen octets.
const auto classic_response = wire(
    "01 01 00 24"
    "0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19"
    "00 01 00 08 00 01 c3 50 cb 00 71 05"    // MAPPED-ADDRESS 203.0.113.5:50000
    "00 04 00 08 00 01 0d 96 c0 00 02 0a"    // SOURCE-ADDRESS
    "00 05 00 08 00 01 0d 97 c0 00 02 0b");  // CHANGED-ADDRESS

TEST(Stun, DecodesClassicMessages) {
    EXPECT_EQ(probe_stun(classic_response), Likelihood::yes);
    const auto message = decode_stun(classic_response);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->classic);
    EXPECT_EQ(base::to_string(message->mapped), "203.0.113.5:50000");
    const auto bare = wire("00 01 00 00 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19");
    EXPECT_EQ(probe_stun(bare), Likelihood::maybe);
}

TEST(Stun, ClassicLookAlikesAreRefused) {
    // An octet more or less than the length says.
    EXPECT_EQ(probe_stun(classic_response + wire("00")), Likelihood::no);
    EXPECT_EQ(probe_stun(Bytes{classic_response}.first(classic_response.size() - 1)),
              Likelihood::no);
    // An attribute length off by one, an unknown attribute, an unknown type.
    EXPECT_EQ(probe_stun(with(classic_response, 23, 13)), Likelihood::no);
    EXPECT_EQ(probe_stun(with(classic_response, 20, 0x30)), Likelihood::no);
    EXPECT_EQ(probe_stun(with(classic_response, 1, 0x07)), Likelihood::no);
    // DNS (an id of 1), RTP, DTLS, ChannelData.
    EXPECT_EQ(probe_stun(wire("00 01 01 00 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01 00 00")),
              Likelihood::no);
    EXPECT_EQ(decode_stun(wire("80 00 00 00")).error(), ParseError::not_this);
    EXPECT_EQ(decode_stun(wire("40 00 00 00")).error(), ParseError::not_this);
    EXPECT_EQ(probe_stun(wire("16 fe ff 00 00 00 00 00 00 00 00 00 04 01 00 00 00 00 00 00 00")),
              Likelihood::no);
}

TEST(Stun, TheOldXorMappedAddressUsesTheIdInPlaceOfTheCookie) {
    const auto bytes = wire(
        "01 01 00 0c"
        "0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19"
        "80 20 00 08 00 01 c9 5b c1 0b 7d 08");  // 0xc350 ^ 0x0a0b, 203.0.113.5 ^ 0a0b0c0d
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(base::to_string(message->mapped), "203.0.113.5:50000");
}

TEST(Stun, DecodesMicrosoftTurn) {
    // [MS-TURN] 2.2.2: the cookie attribute comes first, REALM and NONCE are swapped, the relay's
    // address is MAPPED-ADDRESS.
    const auto bytes = wire(
        "01 03 00 30"
        "00 00 00 00 0e 0f 10 11 12 13 14 15 16 17 18 19"
        "00 0f 00 04 72 c6 4b c6"
        "00 01 00 08 00 01 c3 50 cb 00 71 05"
        "80 20 00 08 00 01 13 88 c0 00 02 03"
        "00 15 00 04 72 74 63 00"
        "00 14 00 04 6e 6f 6e 63");
    EXPECT_EQ(probe_stun(bytes), Likelihood::yes);
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->ms_turn);
    EXPECT_EQ(base::to_string(message->relayed), "203.0.113.5:50000");
    EXPECT_EQ(base::to_string(message->mapped), "192.0.2.3:5000");
    EXPECT_EQ(message->realm, "rtc");
    EXPECT_EQ(message->nonce_length, 4);
}

TEST(Stun, TheOldDataIndicationIsOne) {
    const auto bytes = wire(
        "01 15 00 1c"
        "00 00 00 00 0e 0f 10 11 12 13 14 15 16 17 18 19"
        "00 0f 00 04 72 c6 4b c6"
        "00 12 00 08 00 01 c3 50 cb 00 71 05"  // REMOTE-ADDRESS, without XOR
        "00 13 00 04 80 00 00 01");
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method, StunMethod::data);
    EXPECT_EQ(message->klass, StunClass::indication);
    ASSERT_EQ(message->peers().size(), 1U);
    EXPECT_EQ(base::to_string(message->peers()[0]), "203.0.113.5:50000");
    EXPECT_EQ(message->data.size(), 4U);
}

TEST(Stun, OddErrorsAndAddressesAreLeftOut) {
    const auto bytes = message_of("01 11",
                                  "00 09 00 04 00 00 00 63"              // class 0
                                  "00 20 00 08 00 03 a1 47 e1 12 a6 43"  // family 3
                                  "00 12 00 04 00 01 a1 47");            // cut
    const auto message = decode_stun(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->error_code, 0);
    EXPECT_FALSE(message->mapped);
    EXPECT_TRUE(message->peers().empty());
}

}  // namespace
}  // namespace turnpike::proto
