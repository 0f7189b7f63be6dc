// Texts and packets without what identifies people and networks.
#include "turnpike/anonymize/anonymizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "turnpike/wire/decoder.h"

namespace turnpike::anonymize {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Key key{1, 2, 3, 4, 5, 6, 7, 8, 9};

bool is_vendors(std::string_view name) {
    return name.ends_with("whereby.com");
}

base::IpAddress address(const char* text) {
    return base::IpAddress::parse(text).value();
}

bool holds(const std::vector<std::uint8_t>& octets, base::Bytes part) {
    return !std::ranges::search(octets, part).empty();
}

TEST(Anonymizer, ReplacesAddressesWhereverTheyStand) {
    Anonymizer anonymizer(key, is_vendors);
    const auto text = anonymizer.text(
        "flow 4: 192.168.10.21:49156 > [2001:db8::7]:443, from 192.168.10.21, 192.168.10.22.");
    EXPECT_THAT(text, Not(HasSubstr("192.168")));
    EXPECT_THAT(text, Not(HasSubstr("2001:db8::7")));
    const auto own = to_string(anonymizer.address(address("192.168.10.21")));
    EXPECT_THAT(text, HasSubstr("flow 4: " + own + ":49156 > ["));
    EXPECT_THAT(text, HasSubstr("]:443, from " + own + ", "));
    EXPECT_TRUE(text.ends_with("."));
    EXPECT_THAT(anonymizer.text("to ::1"), Not(HasSubstr("::1")));
}

TEST(Anonymizer, KeepsVendorsNamesAndHashesOthers) {
    Anonymizer anonymizer(key, is_vendors);
    EXPECT_EQ(anonymizer.text("eu.turn.whereby.com (*.turn.whereby.com)"),
              "eu.turn.whereby.com (*.turn.whereby.com)");
    const auto text = anonymizer.text("asked for mail.Example.org and www.example.org:443");
    EXPECT_THAT(text, Not(HasSubstr("xample")));
    // The same domain is still the same, the same host too, and lengths stay.
    const auto mail = anonymizer.name("mail.example.org");
    const auto www = anonymizer.name("www.example.org");
    EXPECT_EQ(mail.substr(5), www.substr(4));
    EXPECT_EQ(mail.size(), std::string("mail.example.org").size());
    EXPECT_THAT(text, HasSubstr(mail));
    EXPECT_THAT(text, HasSubstr(www + ":443"));
}

TEST(Anonymizer, NamesWithoutADotAreLearned) {
    Anonymizer anonymizer(key, is_vendors);
    EXPECT_EQ(anonymizer.text("asked for intranet"), "asked for intranet");
    anonymizer.learn("Intranet");
    EXPECT_THAT(anonymizer.text("asked for intranet"), Not(HasSubstr("intranet")));
}

TEST(Anonymizer, WhatLooksLikeAnAddressAndIsNoneStays) {
    Anonymizer anonymizer(key, is_vendors);
    for (const auto* text :
         {"2026-11-21T14:13:20.273112Z", "turnpike 0.1.0", "udp_timeout, grade B; 1 of 3",
          "18.273 ms", "t13d1516h2_8daaf6152771_e5627efa2ab1", "e.g. this"}) {
        EXPECT_EQ(anonymizer.text(text), text);
    }
}

wire::Packet datagram(const std::vector<std::uint8_t>& payload, std::uint16_t port) {
    wire::Packet packet;
    packet.source = address("192.168.10.21");
    packet.destination = address("203.0.113.41");
    packet.protocol = wire::ip_protocol::udp;
    packet.transport = wire::TransportKind::udp;
    packet.hop_limit = 64;
    packet.source_port = 50'000;
    packet.destination_port = port;
    packet.payload = payload;
    packet.payload_length = static_cast<std::uint32_t>(payload.size());
    return packet;
}

std::vector<std::uint8_t> query(std::initializer_list<std::string_view> labels) {
    std::vector<std::uint8_t> message{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (const auto label : labels) {
        message.push_back(static_cast<std::uint8_t>(label.size()));
        message.insert(message.end(), label.begin(), label.end());
    }
    message.insert(message.end(), {0, 0, 1, 0, 1});
    return message;
}

TEST(Anonymizer, APacketDecodesToOtherAddressesAndNoPayload) {
    Anonymizer anonymizer(key, is_vendors);
    const std::vector<std::uint8_t> secret(100, 'x');
    const auto packet = datagram(secret, 4'443);
    const auto frame = anonymizer.packet(packet);
    EXPECT_FALSE(holds(frame.octets, packet.source.octets()));
    EXPECT_FALSE(holds(frame.octets, packet.destination.octets()));
    EXPECT_FALSE(holds(frame.octets, base::as_bytes("xx")));
    wire::PacketDecoder decoder;
    wire::Packet read;
    ASSERT_TRUE(decoder.decode(1, frame.octets, frame.wire_length, {}, 1, read));
    EXPECT_EQ(read.source, anonymizer.address(packet.source));
    EXPECT_EQ(read.destination, anonymizer.address(packet.destination));
    EXPECT_EQ(read.source_port, 50'000);
    EXPECT_EQ(read.payload_length, 100);
    EXPECT_EQ(read.payload.size(), 0);
    EXPECT_EQ(read.hop_limit, 64);
}

TEST(Anonymizer, AProtocolThatNamesItsSenderAtItsBeginningKeepsNothingOfIt) {
    // SAP (RFC 2974 3) looks like DTLS 1.3, the second like QUIC.
    for (const auto first : {std::uint8_t{0x20}, std::uint8_t{0xc1}}) {
        std::vector<std::uint8_t> payload{first, 0, 0, 1};
        const auto packet = datagram({}, 9875);
        const auto sender = packet.source.octets();
        payload.insert(payload.begin() + (first == 0x20 ? 4 : 1), sender.begin(), sender.end());
        payload.resize(40);
        Anonymizer anonymizer(key, is_vendors);
        EXPECT_FALSE(holds(anonymizer.packet(datagram(payload, 9875)).octets, sender));
    }
}

TEST(Anonymizer, OfDnsOnlyTheQuestionStaysWithAVendorsName) {
    Anonymizer anonymizer(key, is_vendors);
    const auto vendors = anonymizer.packet(datagram(query({"eu", "whereby", "com"}), 53));
    EXPECT_TRUE(holds(vendors.octets, base::as_bytes("whereby")));
    const auto others = anonymizer.packet(datagram(query({"mail", "private", "net"}), 53));
    EXPECT_FALSE(holds(others.octets, base::as_bytes("private")));
    EXPECT_FALSE(holds(others.octets, base::as_bytes("mail")));
    EXPECT_EQ(others.octets.size(), 14 + 20 + 8 + query({"mail", "private", "net"}).size());
}

TEST(Anonymizer, AnIcmpErrorQuotesOtherAddresses) {
    Anonymizer anonymizer(key, is_vendors);
    wire::Packet packet;
    packet.source = address("10.0.0.1");
    packet.destination = address("192.168.10.21");
    packet.protocol = wire::ip_protocol::icmp;
    packet.transport = wire::TransportKind::icmp;
    packet.icmp = {4,
                   3,
                   13,
                   0,
                   {{address("192.168.10.21"), 50'000},
                    {address("203.0.113.41"), 53},
                    wire::ip_protocol::udp}};
    const auto frame = anonymizer.packet(packet);
    wire::PacketDecoder decoder;
    wire::Packet read;
    ASSERT_TRUE(decoder.decode(1, frame.octets, frame.wire_length, {}, 1, read));
    EXPECT_EQ(read.icmp.code, 13);
    EXPECT_EQ(read.icmp.quoted.source.address, anonymizer.address(address("192.168.10.21")));
    EXPECT_EQ(read.icmp.quoted.destination,
              (base::Endpoint{anonymizer.address(address("203.0.113.41")), 53}));
}

}  // namespace
}  // namespace turnpike::anonymize
