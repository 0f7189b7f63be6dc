// OpenVPN's control channel: what its packets carry of TLS.
#include "turnpike/proto/openvpn.h"

#include <gtest/gtest.h>

#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using test::wire;
using test::with;
using test::operator+;
using Octets = std::vector<std::uint8_t>;

const Octets session = wire("01 02 03 04 05 06 07 08");
const Octets far_session = wire("11 12 13 14 15 16 17 18");
const Octets hmac(20, 0xab);
const Octets replay = wire("00 00 00 01 5e 3e 7b 98");
const Octets client_reset_tail = wire("00 00 00 00 00");
const Octets hello = wire("16 03 01 00 04 01 00 00 00");

Octets text(const base::Result<Bytes>& result) {
    return result ? Octets(result->begin(), result->end()) : Octets{};
}

TEST(OpenVpn, AClientsResetTellsHowPacketsAreAuthenticated) {
    const Octets bare = wire("38") + session + client_reset_tail;
    EXPECT_EQ(openvpn_authentication(bare), 0U);
    const Octets signed_reset = wire("38") + session + hmac + replay + client_reset_tail;
    EXPECT_EQ(openvpn_authentication(signed_reset), 28U);
}

TEST(OpenVpn, OtherPacketsAndEncryptedResetsTellNothing) {
    const Octets reset = wire("38") + session + hmac + replay + client_reset_tail;
    EXPECT_EQ(openvpn_authentication(with(reset, 0, 0x40)), std::nullopt) << "the server's";
    EXPECT_EQ(openvpn_authentication(with(reset, reset.size() - 1, 9)), std::nullopt)
        << "tls-crypt: what follows the header looks like noise";
    EXPECT_EQ(openvpn_authentication(wire("38") + session + wire("00") + client_reset_tail),
              std::nullopt)
        << "no HMAC is so short";
    EXPECT_EQ(openvpn_authentication(Bytes{reset}.first(13)), std::nullopt);
    EXPECT_EQ(openvpn_authentication({}), std::nullopt);
}

TEST(OpenVpn, ControlPacketsCarryTls) {
    const Octets bare = wire("20") + session + wire("00 00 00 00 01") + hello;
    EXPECT_EQ(text(openvpn_tls(bare, 0)), hello);
    const Octets acknowledging = wire("20") + session + hmac + replay +
                                 wire("02 00 00 00 00 00 00 00 01") + far_session +
                                 wire("00 00 00 01") + hello;
    EXPECT_EQ(text(openvpn_tls(acknowledging, 28)), hello);
}

TEST(OpenVpn, ResetsAndAcknowledgementsCarryNone) {
    const Octets reset = wire("38") + session + client_reset_tail;
    ASSERT_TRUE(openvpn_tls(reset, 0));
    EXPECT_TRUE(openvpn_tls(reset, 0)->empty());
    const Octets acknowledgement = wire("28") + session + wire("01 00 00 00 01") + far_session;
    ASSERT_TRUE(openvpn_tls(acknowledgement, 0));
    EXPECT_TRUE(openvpn_tls(acknowledgement, 0)->empty());
}

TEST(OpenVpn, DataAndShortPacketsAreErrors) {
    const Octets data = wire("30 01 02 03");
    EXPECT_EQ(openvpn_tls(data, 0).error(), base::ParseError::not_this);
    EXPECT_EQ(openvpn_tls({}, 0).error(), base::ParseError::not_this);
    const Octets whole =
        wire("20") + session + wire("01 00 00 00 00") + far_session + wire("00 00 00 01");
    ASSERT_TRUE(openvpn_tls(whole, 0));
    for (std::size_t size = 1; size < whole.size(); ++size) {
        EXPECT_EQ(openvpn_tls(Bytes{whole}.first(size), 0).error(), base::ParseError::truncated)
            << size;
    }
}

}  // namespace
}  // namespace turnpike::proto
