// Protocols that are only named.
#include "turnpike/proto/other.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/wire_bytes.h"

namespace turnpike::proto {
namespace {

using base::as_bytes;
using base::Bytes;
using test::wire;
using test::with;
using test::operator+;

constexpr PortPair high{.source = 50000, .destination = 50001};

PortPair to(std::uint16_t port) {
    return {.source = 50000, .destination = port};
}

std::vector<std::uint8_t> zeros(std::size_t count) {
    return std::vector<std::uint8_t>(count, 0);
}

TEST(Other, NamesDatagramsByWhatTheyHold) {
    EXPECT_EQ(probe_other_datagram(as_bytes("M-SEARCH * HTTP/1.1\r\nHOST: x\r\n\r\n"), high),
              OtherProtocol::ssdp);
    EXPECT_EQ(probe_other_datagram(as_bytes("INVITE sip:a@example.com SIP/2.0\r\n"), high),
              OtherProtocol::sip);
    EXPECT_EQ(probe_other_datagram(as_bytes("SIP/2.0 200 OK\r\n"), high), OtherProtocol::sip);
    EXPECT_EQ(probe_other_datagram(as_bytes("INVITE everyone\r\nSIP/2.0"), high),
              OtherProtocol::none);
    const auto initiation = wire("01 00 00 00") + zeros(144);
    EXPECT_EQ(probe_other_datagram(initiation, high), OtherProtocol::wireguard);
    EXPECT_EQ(probe_other_datagram(initiation + zeros(1), high), OtherProtocol::none);
    EXPECT_EQ(probe_other_datagram(
                  wire("04 00 00 00 01 02 03 04 05 00 00 00 00 00 00 00") + zeros(16), high),
              OtherProtocol::wireguard);
}

TEST(Other, NamesDatagramsByPortAndForm) {
    const auto ntp = wire("23 00 00 00") + zeros(44);
    EXPECT_EQ(probe_other_datagram(ntp, to(123)), OtherProtocol::ntp);
    EXPECT_EQ(probe_other_datagram(ntp, high), OtherProtocol::none);
    EXPECT_EQ(probe_other_datagram(Bytes{ntp}.first(47), to(123)), OtherProtocol::none);

    const auto dhcp = wire("01 01 06 00") + zeros(232) + wire("63 82 53 63 35 01 01 ff");
    EXPECT_EQ(probe_other_datagram(dhcp, to(67)), OtherProtocol::dhcp);
    EXPECT_EQ(probe_other_datagram(with(dhcp, 236, 0), to(67)), OtherProtocol::none);
    EXPECT_EQ(
        probe_other_datagram(wire("01 00 00 01 00 01 00 00"), {.source = 546, .destination = 547}),
        OtherProtocol::dhcp);

    const auto query = wire("00 00 00 00 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01");
    EXPECT_EQ(probe_other_datagram(query, to(5353)), OtherProtocol::mdns);
    EXPECT_EQ(probe_other_datagram(query, to(5355)), OtherProtocol::llmnr);
    EXPECT_EQ(probe_other_datagram(query, to(137)), OtherProtocol::netbios);
    EXPECT_EQ(probe_other_datagram(query, high), OtherProtocol::none);
    EXPECT_EQ(probe_other_datagram(wire("11 02 00 01 c0 00 02 01 00 8a"), to(138)),
              OtherProtocol::netbios);

    const auto snmp = wire("30 0e 02 01 01 04 06 70 75 62 6c 69 63 a0 00 00");
    EXPECT_EQ(probe_other_datagram(snmp, to(161)), OtherProtocol::snmp);
    EXPECT_EQ(probe_other_datagram(with(snmp, 4, 7), to(161)), OtherProtocol::none);

    const auto reset = wire("38 01 02 03 04 05 06 07 08 00 00 00 00 00");
    EXPECT_EQ(probe_other_datagram(reset, to(1194)), OtherProtocol::openvpn);
    EXPECT_EQ(probe_other_datagram(reset, high), OtherProtocol::none);
}

TEST(Other, NamesStreams) {
    EXPECT_EQ(probe_other_stream(as_bytes("SSH-2.0-OpenSSH_9.2\r\n"), high), OtherProtocol::ssh);
    EXPECT_EQ(probe_other_stream(as_bytes("220 mx.example.com ESMTP\r\n"), high),
              OtherProtocol::smtp);
    EXPECT_EQ(probe_other_stream(as_bytes("220 hello\r\n"), to(25)), OtherProtocol::smtp);
    EXPECT_EQ(probe_other_stream(as_bytes("EHLO client\r\n"), high), OtherProtocol::smtp);
    EXPECT_EQ(probe_other_stream(as_bytes("220 hello\r\n"), to(21)), OtherProtocol::ftp);
    EXPECT_EQ(probe_other_stream(as_bytes("220 hello\r\n"), high), OtherProtocol::none);
    EXPECT_EQ(probe_other_stream(as_bytes("REGISTER sip:x SIP/2.0\r\n"), high), OtherProtocol::sip);
    EXPECT_EQ(probe_other_stream(wire("00 00 00 54 fe 53 4d 42 40 00"), high), OtherProtocol::smb);
    EXPECT_EQ(probe_other_stream(wire("81 00 00 44"), to(139)), OtherProtocol::netbios);
    EXPECT_EQ(probe_other_stream(wire("10 10 00 04 4d 51 54 54 05 02"), high), OtherProtocol::mqtt);
    EXPECT_EQ(probe_other_stream(wire("03 00 00 0b 06 e0 00 00 00 00 00"), to(3389)),
              OtherProtocol::rdp);
    EXPECT_EQ(probe_other_stream(wire("03 00 00 0b 06 e0 00 00 00 00 00"), high),
              OtherProtocol::none);
    EXPECT_EQ(probe_other_stream(wire("00 0e 38 01 02 03 04 05 06 07 08 00 00 00 00 00"), to(1194)),
              OtherProtocol::openvpn);
}

TEST(Other, LeavesCallsAndTheWebAlone) {
    EXPECT_EQ(probe_other_stream(as_bytes("GET / HTTP/1.1\r\n"), high), OtherProtocol::none);
    EXPECT_EQ(probe_other_stream(wire("16 03 01 02 00 01 00 01 fc 03 03"), high),
              OtherProtocol::none);
    EXPECT_EQ(probe_other_datagram(
                  wire("00 01 00 00 21 12 a4 42 00 01 02 03 04 05 06 07 08 09 0a 0b"), high),
              OtherProtocol::none);
    EXPECT_EQ(probe_other_datagram({}, high), OtherProtocol::none);
    EXPECT_EQ(probe_other_stream({}, high), OtherProtocol::none);
}

TEST(Other, EveryPrefixIsHarmless) {
    const std::vector<std::vector<std::uint8_t>> messages{
        wire("30 0e 02 01 01 04 06 70 75 62 6c 69 63 a0 00 00"),
        wire("10 10 00 04 4d 51 54 54 05 02"), wire("00 00 00 54 fe 53 4d 42 40 00"),
        wire("03 00 00 0b 06 e0 00 00 00 00 00"),
        wire("00 0e 38 01 02 03 04 05 06 07 08 00 00 00 00 00")};
    for (const auto& message : messages) {
        for (std::size_t length = 0; length < message.size(); ++length) {
            const std::vector<std::uint8_t> prefix(
                message.begin(), message.begin() + static_cast<std::ptrdiff_t>(length));
            for (const std::uint16_t port : std::initializer_list<std::uint16_t>{
                     21, 25, 67, 123, 137, 138, 139, 161, 546, 1194, 3389, 5353}) {
                probe_other_datagram(prefix, to(port));
                probe_other_stream(prefix, to(port));
            }
        }
    }
}

}  // namespace
}  // namespace turnpike::proto
