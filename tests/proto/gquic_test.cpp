// Tests of Google's QUIC: public and long headers, and the CHLO message.
#include "turnpike/proto/gquic.h"

#include <gtest/gtest.h>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

/// A CHLO after "QUIC Crypto": tags in order of value, offsets to the end of each value.
Octets chlo() {
    return text("CHLO") +               //
           wire("0300 0000") +          // three entries, padding
           wire("50414400 04000000") +  // PAD up to 4
           wire("534e4900 0f000000") +  // SNI up to 15
           wire("55414944 15000000") +  // UAID up to 21
           text("----") + text("www.example") + text("Chrome");
}

Octets q043_datagram() {
    return wire("09") +                // public flags: version, connection id; 1-octet number
           wire("0102030405060708") +  // connection id
           text("Q043") +              // version
           wire("01") +                // packet number
           Octets(12, 0xaa) +          // hash
           wire("a0 01 5400") +        // STREAM 1 with a length
           chlo();
}

TEST(GquicPacket, PublicHeaderNamesItsVersion) {
    const auto datagram = q043_datagram();
    const auto packet = decode_gquic_packet(datagram);
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->version, 0x51303433U);
    EXPECT_EQ(packet->connection_id.size(), 8U);
    EXPECT_FALSE(packet->long_header);
    EXPECT_FALSE(packet->negotiation);
    const auto message = find_gquic_message(packet->payload);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(decode_gquic_message(*message)->server_name, "www.example");
    every_prefix_is_truncated(slice(datagram, 0, 13), 13,
                              [](Bytes bytes) { return decode_gquic_packet(bytes); });
}

TEST(GquicPacket, LongHeaderOfQ046) {
    const Octets datagram = wire("c3") + text("Q046") + wire("50 0102030405060708") +
                            wire("00000001") + Octets(12, 0xaa) + wire("a0 01 5400") + chlo();
    const auto packet = decode_gquic_packet(datagram);
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(packet->long_header);
    EXPECT_EQ(packet->connection_id.size(), 8U);
    EXPECT_TRUE(find_gquic_message(packet->payload).has_value());
    EXPECT_EQ(probe_gquic(datagram), Likelihood::yes);
    every_prefix_is_truncated(slice(datagram, 0, 14), 14,
                              [](Bytes bytes) { return decode_gquic_packet(bytes); });
}

TEST(GquicPacket, NegotiationListsVersions) {
    const Octets datagram = wire("09 0102030405060708") + text("Q043Q046Q050");
    const auto packet = decode_gquic_packet(datagram);
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(packet->negotiation);
    EXPECT_TRUE(packet->payload.empty());
}

TEST(GquicPacket, LookAlikesAreRefused) {
    // No version; a public reset; an IETF packet; DNS with the first octet 9; STUN.
    for (const auto& bytes : {wire("08 0102030405060708 01 aabb"), wire("0a 0102030405060708"),
                              wire("c300000001088394c8f03e5157080000"),
                              wire("0901 0100 0001 0000 0000 0000 0377777700"),
                              wire("0001 0000 2112a442 000102030405060708090a0b")}) {
        EXPECT_EQ(decode_gquic_packet(bytes).error(), ParseError::not_this);
        EXPECT_EQ(probe_gquic(bytes), Likelihood::no);
    }
}

TEST(GquicMessage, DecodesAChlo) {
    const auto bytes = chlo();
    const auto message = decode_gquic_message(bytes);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->tag, gquic_chlo);
    EXPECT_EQ(message->server_name, "www.example");
    EXPECT_EQ(message->user_agent, "Chrome");
    EXPECT_TRUE(message->complete);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Octets prefix = slice(bytes, 0, size);
        const auto part = decode_gquic_message(prefix);
        EXPECT_EQ(part.has_value(), size >= 32) << size;  // the table is whole
        if (part) {
            EXPECT_FALSE(part->complete);
            EXPECT_EQ(part->server_name, size >= 47 ? "www.example" : "") << size;
        }
    }
}

TEST(GquicMessage, RefusesWhatContradictsItself) {
    EXPECT_EQ(decode_gquic_message(with(chlo(), 20, 3)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_gquic_message(with(chlo(), 5, 9)).error(), ParseError::limit);
    EXPECT_EQ(decode_gquic_message(with(chlo(), 0, 'X')).error(), ParseError::not_this);
    EXPECT_FALSE(decode_gquic_message(with(chlo(), 28, 0xff))->complete);
    EXPECT_EQ(find_gquic_message(text("no message here")).error(), ParseError::not_this);
    EXPECT_EQ(find_gquic_message({}).error(), ParseError::not_this);
}

}  // namespace
}  // namespace turnpike::proto::test
