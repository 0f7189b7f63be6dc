// Plain frames are decoded at one go. Whatever the frame is, what comes of it must be what the
// functions that hand each header on make of it: those decode the same frame behind another header.
#include <cstddef>
#include <cstdint>
#include <span>

#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

constexpr std::uint32_t linktype_netanalyzer = 240;  // four octets before an Ethernet frame

Octets tcp_segment(const Octets& options, const Octets& payload) {
    const auto offset = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4U);
    return join({be16(client_port),
                 be16(443),
                 be32(0x01020304),
                 be32(0xa1a2a3a4),
                 {offset, 0x18},
                 be16(501),
                 be16(0xbeef),
                 be16(0),
                 options,
                 payload});
}

Octets timestamps() {
    return {1, 1, 8, 10, 0, 1, 2, 3, 0, 4, 5, 6};
}

std::ptrdiff_t place_in(const Outcome& outcome, base::Bytes view) {
    return view.empty() ? 0 : view.data() - outcome.frame.get();
}

void expect_same_transport(const Packet& plain, const Packet& general) {
    EXPECT_EQ(plain.source_port, general.source_port);
    EXPECT_EQ(plain.destination_port, general.destination_port);
    if (general.transport == TransportKind::tcp) {
        EXPECT_EQ(plain.tcp.sequence, general.tcp.sequence);
        EXPECT_EQ(plain.tcp.acknowledgement, general.tcp.acknowledgement);
        EXPECT_EQ(plain.tcp.flags, general.tcp.flags);
        EXPECT_EQ(plain.tcp.window, general.tcp.window);
        EXPECT_EQ(plain.tcp.checksum, general.tcp.checksum);
        EXPECT_EQ(plain.tcp.has_timestamp, general.tcp.has_timestamp);
        EXPECT_EQ(plain.tcp.timestamp_value, general.tcp.timestamp_value);
    }
    if (general.transport == TransportKind::udp) {
        EXPECT_EQ(plain.udp_checksum, general.udp_checksum);
    }
}

void expect_same(base::Bytes frame, std::uint32_t wire_length) {
    constexpr std::ptrdiff_t shift = 4;
    const Outcome plain = decode(frame, linktype_ethernet, wire_length);
    const Outcome general = decode(join({zeros(shift), Octets(frame.begin(), frame.end())}),
                                   linktype_netanalyzer, wire_length + shift);
    ASSERT_EQ(plain.decoded.kind, general.decoded.kind);
    EXPECT_EQ(plain.decoded.layer, general.decoded.layer);
    EXPECT_EQ(plain.decoded.damaged, general.decoded.damaged);
    if (!plain.decoded.whole()) {
        EXPECT_EQ(plain.decoded.error, general.decoded.error);
    }
    if (!plain.decoded) {
        return;
    }
    const Packet& a = plain.packet;
    const Packet& b = general.packet;
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.destination, b.destination);
    EXPECT_EQ(a.protocol, b.protocol);
    EXPECT_EQ(a.hop_limit, b.hop_limit);
    EXPECT_EQ(a.ip_id, b.ip_id);
    EXPECT_EQ(a.ip_length, b.ip_length);
    EXPECT_EQ(a.source_link_address, b.source_link_address);
    EXPECT_EQ(a.to_group, b.to_group);
    EXPECT_EQ(a.vlan_id, b.vlan_id);
    EXPECT_EQ(a.tunnel_id, b.tunnel_id);
    EXPECT_EQ(a.tunnel_depth, b.tunnel_depth);
    EXPECT_EQ(a.transport, b.transport);
    EXPECT_EQ(a.payload_length, b.payload_length);
    EXPECT_EQ(a.payload.size(), b.payload.size());
    EXPECT_EQ(place_in(plain, a.payload) + (a.payload.empty() ? 0 : shift),
              place_in(general, b.payload));
    EXPECT_EQ(a.ip.size(), b.ip.size());
    expect_same_transport(a, b);
}

std::vector<Octets> frames() {
    const Octets payload{'p', 'a', 'y', 'l', 'o', 'a', 'd'};
    const Octets vxlan = join({{0x08}, zeros(7), call_frame()});
    return {
        call_frame(),
        ethernet(0x0800, ipv4(6, tcp_segment({}, payload))),
        ethernet(0x0800, ipv4(6, tcp_segment(timestamps(), payload))),
        ethernet(0x0800, ipv4(6, tcp_segment({2, 4, 5, 0xb4, 8, 10, 9, 9, 9, 9, 0, 0}, {}))),
        ethernet(0x0800, ipv4(17, udp(client_port, 4789, vxlan))),
        ethernet(0x0800, ipv4(17, udp(client_port, 4789, payload))),
        ethernet(0x0800, ipv4(1, join({{8, 0}, zeros(6)}))),
        ethernet(0x86dd, ipv6(17, udp(client_port, server_port, stun()))),
    };
}

TEST(Plain, FramesAreWhatTheyAreInTheGeneralWay) {
    for (const Octets& frame : frames()) {
        expect_same(frame, 0);
        expect_same(join({frame, zeros(6)}), 0);  // padded by the link
    }
}

TEST(Plain, CutFramesToo) {
    for (const Octets& frame : frames()) {
        for (std::size_t kept = 0; kept < frame.size(); ++kept) {
            SCOPED_TRACE(kept);
            expect_same(base::Bytes(frame).first(kept), static_cast<std::uint32_t>(frame.size()));
            expect_same(base::Bytes(frame).first(kept), 0);
        }
    }
}

// Every octet of the headers, with every value.
TEST(Plain, DamagedFramesToo) {
    constexpr std::size_t headers = 14 + 20 + 32;
    for (const Octets& frame : frames()) {
        for (std::size_t at = 0; at < std::min(headers, frame.size()); ++at) {
            for (unsigned value = 0; value < 256; ++value) {
                Octets damaged = frame;
                damaged[at] = static_cast<std::uint8_t>(value);
                SCOPED_TRACE(testing::Message() << "octet " << at << " is " << value);
                expect_same(damaged, 0);
                if (testing::Test::HasFailure()) {
                    return;
                }
            }
        }
    }
}

}  // namespace
}  // namespace turnpike::wire::test
