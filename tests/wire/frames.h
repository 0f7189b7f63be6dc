// Building blocks of frames for the tests: each function puts one header before what it carries.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/wire/decoder.h"

namespace turnpike::wire::test {

using Octets = std::vector<std::uint8_t>;

inline Octets join(std::initializer_list<Octets> parts) {
    Octets all;
    for (const Octets& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}
inline Octets be16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}
inline Octets be32(std::size_t value) {
    return join({be16(value >> 16U), be16(value & 0xffffU)});
}
inline Octets le16(std::size_t value) {
    return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8U)};
}
inline Octets le32(std::size_t value) {
    return join({le16(value & 0xffffU), le16(value >> 16U)});
}
inline Octets zeros(std::size_t count) {
    return Octets(count, 0);
}

/// A STUN binding request (RFC 8489 5) with PRIORITY and ICE-CONTROLLING, as a browser sends it.
inline Octets stun() {
    return {
        0x00, 0x01, 0x00, 0x14,                          // binding request, 20 octets follow
        0x21, 0x12, 0xa4, 0x42,                          // magic cookie
        0x67, 0x4a, 0x31, 0x5a, 0x2b, 0x59, 0x6d, 0x48,  // transaction
        0x71, 0x65, 0x4f, 0x76,                          //
        0x00, 0x24, 0x00, 0x04, 0x6e, 0x7f, 0x1e, 0xff,  // PRIORITY
        0x80, 0x2a, 0x00, 0x08,                          // ICE-CONTROLLING
        0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x88,  //
    };
}

inline constexpr std::uint16_t client_port = 50000;
inline constexpr std::uint16_t server_port = 3478;

inline Octets udp(std::uint16_t source, std::uint16_t destination, const Octets& payload) {
    return join({
        be16(source),
        be16(destination),         // ports
        be16(payload.size() + 8),  // length with this header
        be16(0),                   // no checksum
        payload,
    });
}

struct Ipv4Fields {
    Octets source{192, 0, 2, 1};
    Octets destination{198, 51, 100, 7};
    std::uint16_t id = 0x1234;
    std::uint16_t fragmentation = 0x4000;  // don't fragment
    Octets options{};                      // a multiple of four octets
};

inline Octets ipv4(std::uint8_t protocol, const Octets& payload, const Ipv4Fields& fields = {}) {
    const std::size_t header = 20 + fields.options.size();
    return join({
        {static_cast<std::uint8_t>(0x40U | header / 4), 0x00},  // version, header length, service
        be16(header + payload.size()),                          // total length
        be16(fields.id),
        be16(fields.fragmentation),  // identification, fragmentation
        {64, protocol},              // time to live, protocol
        be16(0),                     // checksum left to the hardware
        fields.source,
        fields.destination,
        fields.options,
        payload,
    });
}

inline Octets ipv6(std::uint8_t next, const Octets& payload) {
    return join({
        be32(0x60000000),  // version, class, flow label
        be16(payload.size()),
        {next, 64},  // length, next header, hop limit
        be32(0x20010db8),
        zeros(11),
        {0x01},  // 2001:db8::1
        be32(0x20010db8),
        zeros(11),
        {0x02},  // 2001:db8::2
        payload,
    });
}

inline Octets addresses() {
    return {0x02, 0, 0, 0, 0, 0x0b, 0x02, 0, 0, 0, 0, 0x0a};  // destination, source station
}
inline Octets ethernet(std::uint16_t type, const Octets& payload) {
    return join({addresses(), be16(type), payload});
}

/// The packet that every wrapping is put around: STUN over UDP over IPv4.
inline Octets call() {
    return ipv4(17, udp(client_port, server_port, stun()));
}
inline Octets call_frame() {
    return ethernet(0x0800, call());
}

inline constexpr std::uint32_t linktype_ethernet = 1;

/// A frame decoded by a decoder of its own. The octets are copied to an allocation of exactly their
/// size, so that a sanitizer sees any read beyond them.
struct Outcome {
    std::unique_ptr<std::uint8_t[]> frame;
    std::unique_ptr<PacketDecoder> decoder = std::make_unique<PacketDecoder>();
    Packet packet{};
    Decoded decoded{};
};

inline Outcome decode(base::Bytes octets, std::uint32_t link_type = linktype_ethernet,
                      std::uint32_t wire_length = 0) {
    Outcome outcome;
    outcome.frame = std::make_unique<std::uint8_t[]>(octets.size());
    std::ranges::copy(octets, outcome.frame.get());
    const base::Bytes view{outcome.frame.get(), octets.size()};
    outcome.decoded = outcome.decoder->decode(
        link_type, view, wire_length, base::from_nanoseconds(1'000'000'000), 7, outcome.packet);
    return outcome;
}

inline Octets to_octets(base::Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Fails the test unless the outcome is the packet of call().
inline void expect_call(const Outcome& outcome) {
    ASSERT_EQ(outcome.decoded.kind, FrameKind::packet)
        << to_string(outcome.decoded.layer) << ": " << to_string(outcome.decoded.error);
    const Packet& packet = outcome.packet;
    EXPECT_EQ(to_string(packet.source_endpoint()), "192.0.2.1:50000");
    EXPECT_EQ(to_string(packet.destination_endpoint()), "198.51.100.7:3478");
    EXPECT_EQ(packet.protocol, ip_protocol::udp);
    EXPECT_EQ(packet.transport, TransportKind::udp);
    EXPECT_EQ(packet.ip_length, call().size());
    EXPECT_EQ(packet.hop_limit, 64);
    EXPECT_EQ(to_octets(packet.payload), stun());
    EXPECT_EQ(packet.payload_length, stun().size());
    EXPECT_FALSE(packet.cut());
    EXPECT_EQ(packet.number, 7U);
}

inline void expect_malformed(const Outcome& outcome, Layer layer, base::ParseError error) {
    EXPECT_EQ(outcome.decoded.kind, FrameKind::malformed);
    EXPECT_EQ(outcome.decoded.layer, layer) << to_string(outcome.decoded.layer);
    EXPECT_EQ(outcome.decoded.error, error) << to_string(outcome.decoded.error);
}

}  // namespace turnpike::wire::test
