// Tests of Initial keys and protection against the vectors of RFC 9001 A and RFC 9369 A.
#include "turnpike/proto/quic_crypto.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "quic_seal.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

struct Vector {
    std::uint32_t version;
    QuicSide side;
    std::string_view key;
    std::string_view iv;
    std::string_view header_protection;
};

TEST(QuicOpener, DerivesTheKeysOfTheRfcs) {
    QuicOpener opener;
    for (const auto& vector : {
             Vector{quic_v1, QuicSide::client, "1f369613dd76d5467730efcbe3b1a22d",
                    "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
             Vector{quic_v1, QuicSide::server, "cf3a5331653c364c88f0f379b6067e37",
                    "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
             Vector{quic_v2, QuicSide::client, "8b1a0bc121284290a29e0971b5cd045d",
                    "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"},
             Vector{quic_v2, QuicSide::server, "82db637861d55e1d011f19ea71d5d2a7",
                    "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a"},
         }) {
        const auto keys = opener.derive(vector.version, example_id(), vector.side);
        ASSERT_TRUE(keys.has_value());
        EXPECT_TRUE(std::ranges::equal(keys->key, wire(vector.key)));
        EXPECT_TRUE(std::ranges::equal(keys->iv, wire(vector.iv)));
        EXPECT_TRUE(std::ranges::equal(keys->header_protection, wire(vector.header_protection)));
    }
}

TEST(QuicOpener, RefusesUnknownVersionsAndLongIds) {
    QuicOpener opener;
    EXPECT_EQ(opener.derive(0x12345678, example_id(), QuicSide::client).error(),
              ParseError::bad_version);
    EXPECT_EQ(opener.derive(quic_v1, Octets(21, 0), QuicSide::client).error(),
              ParseError::bad_value);
    EXPECT_TRUE(opener.derive(quic_v1, {}, QuicSide::client).has_value());
}

TEST(QuicOpener, SealedExampleIsThatOfTheRfcs) {
    QuicOpener opener;
    const auto first = example_client_initial(opener, quic_v1);
    ASSERT_EQ(first.size(), 1200U);
    EXPECT_EQ(slice(first, 0, 32),
              wire("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11"));
    EXPECT_EQ(slice(first, 1184, 1200), wire("e221af44860018ab0856972e194cd934"));
    const auto second = example_client_initial(opener, quic_v2);
    EXPECT_EQ(slice(second, 0, 32),
              wire("d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485"));
    EXPECT_EQ(slice(second, 1184, 1200), wire("a18b2faa745b6fe189cf772a9f84cbfc"));
}

TEST(QuicOpener, OpensTheClientInitials) {
    QuicOpener opener;
    for (const auto version : {quic_v1, quic_v2}) {
        const auto datagram = example_client_initial(opener, version);
        Bytes rest{datagram};
        const auto packet = decode_quic_packet(rest);
        ASSERT_TRUE(packet.has_value());
        const auto keys = opener.derive(version, packet->destination_id, QuicSide::client);
        const auto opened = opener.open(*packet, *keys);
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ(opened->packet_number, 2U);
        ASSERT_EQ(opened->payload.size(), 1162U);
        const auto crypto = example_client_crypto();
        EXPECT_TRUE(std::ranges::equal(opened->payload.first(crypto.size()), crypto));
    }
}

TEST(QuicOpener, OpensTheServerInitials) {
    QuicOpener opener;
    // RFC 9001 A.3: an ACK, then the ServerHello.
    const auto frames = wire(
        "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739"
        "88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94"
        "0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00"
        "020304");
    for (const auto version : {quic_v1, quic_v2}) {
        const auto datagram = example_server_initial(version);
        Bytes rest{datagram};
        const auto packet = decode_quic_packet(rest);
        const auto keys = opener.derive(version, example_id(), QuicSide::server);
        const auto opened = opener.open(*packet, *keys);
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ(opened->packet_number, 1U);
        EXPECT_TRUE(std::ranges::equal(opened->payload, frames));
    }
}

TEST(QuicOpener, DamagedOrForeignPacketsStayShut) {
    QuicOpener opener;
    const auto datagram = example_server_initial(quic_v1);
    const auto keys = opener.derive(quic_v1, example_id(), QuicSide::server);
    const auto wrong = opener.derive(quic_v1, example_id(), QuicSide::client);
    Bytes rest{datagram};
    EXPECT_EQ(opener.open(*decode_quic_packet(rest), *wrong).error(), ParseError::bad_checksum);
    for (const std::size_t at :
         {std::size_t{0}, std::size_t{8}, std::size_t{18}, std::size_t{50}, datagram.size() - 1}) {
        const auto damaged = with(datagram, at, datagram[at] ^ 0x01U);
        rest = damaged;
        EXPECT_EQ(opener.open(*decode_quic_packet(rest), *keys).error(), ParseError::bad_checksum)
            << at;
    }
    rest = datagram;
    auto packet = *decode_quic_packet(rest);
    packet.bytes = packet.bytes.first(packet.packet_number_offset + 19);
    EXPECT_EQ(opener.open(packet, *keys).error(), ParseError::truncated);
}

TEST(QuicOpener, ShortPacketNumbersAreCompleted) {
    // RFC 9000 A.3: what is sent is the low part; the rest is the nearest to what came before.
    QuicOpener opener;
    PlainInitial plain;
    plain.destination_id = example_id();
    plain.packet_number = 0x00010003;
    plain.frames = example_client_crypto();
    const auto keys = *opener.derive(quic_v1, example_id(), QuicSide::client);
    const auto datagram = seal(plain, keys);
    Bytes rest{datagram};
    const auto packet = *decode_quic_packet(rest);
    EXPECT_EQ(opener.open(packet, keys, 0x0000ffff)->packet_number, 0x00010003U);
    EXPECT_EQ(opener.open(packet, keys, 0)->packet_number, 0x00010003U);
}

TEST(QuicOpener, MayBeMoved) {
    QuicOpener first;
    QuicOpener second = std::move(first);
    EXPECT_TRUE(second.derive(quic_v1, example_id(), QuicSide::client).has_value());
}

}  // namespace
}  // namespace turnpike::proto::test
