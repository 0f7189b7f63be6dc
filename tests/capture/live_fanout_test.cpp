// Who gets a packet: the reference, and the kernel's program against it.
#include <array>
#include <map>
#include <random>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "capture/fanout_program.h"
#include "capture/support/packets.h"
#include "turnpike/capture/fanout.h"

namespace turnpike::capture {
namespace {

using testing::be16;
using testing::content;
using testing::ethernet;
using testing::icmp_error;
using testing::ip;
using testing::join;
using testing::OctetVector;
using testing::tag;
using testing::type_of;
using testing::udp;
using testing::udp_packet;
using testing::vxlan;

constexpr auto caller = "192.0.2.17";
constexpr auto callee = "198.51.100.99";
constexpr auto alice6 = "2001:db8:1::17";
constexpr auto bob6 = "2001:db8:2::99";
constexpr auto router = "203.0.113.1";

std::uint32_t hash_of(const OctetVector& packet) {
    return fanout_hash(packet, type_of(packet));
}

/// The program as libpcap's interpreter runs it, the packet beginning at the network header.
std::uint32_t run_program(base::Bytes packet, std::uint16_t ether_type) {
    const auto code = fanout_program(0, ether_type);
    std::vector<bpf_insn> program;
    program.reserve(code.size());
    for (const sock_filter& step : code) {
        program.push_back({.code = step.code, .jt = step.jt, .jf = step.jf, .k = step.k});
    }
    const auto size = static_cast<unsigned>(packet.size());
    return ::bpf_filter(program.data(), packet.data(), size, size);
}

struct Sample {
    std::string name;
    std::uint16_t ether_type;
    OctetVector packet;
};

Sample sample(std::string name, const OctetVector& packet) {
    return {std::move(name), type_of(packet), packet};
}

OctetVector vxlan_packet(const OctetVector& inner, std::uint16_t from = 40001,
                         std::string_view source = "10.9.0.1",
                         std::string_view destination = "10.9.0.2") {
    return udp_packet(source, from, destination, 4789, vxlan(7, inner));
}

/// Option words of four octets, the type of what is inside, and that.
OctetVector geneve(std::uint8_t option_words, std::uint16_t type, const OctetVector& inner) {
    const OctetVector options(option_words * std::size_t{4}, 0xee);
    return join({{option_words, 0}, be16(type), {0, 0, 7, 0}, options, inner});
}

OctetVector geneve_packet(const OctetVector& payload) {
    return udp_packet("10.9.0.1", 40001, "10.9.0.2", 6081, payload);
}

/// One of everything the hash looks at.
std::vector<Sample> samples() {
    const auto call = udp_packet(caller, 50000, callee, 3478);
    const auto call6 = udp_packet(alice6, 50000, bob6, 3478);
    std::vector<Sample> all{
        sample("UDP", call),
        sample("UDP over IPv6", call6),
        sample("TCP", ip(caller, callee, 6, content(20))),
        sample("options", ip(caller, callee, 17, udp(1, 2, content(9)), 0, {1, 1, 1, 1})),
        sample("first fragment", ip(caller, callee, 17, udp(1, 4789, content(80)), 0x2000)),
        sample("later fragment", ip(caller, callee, 17, content(80), 0x0040)),
        sample("ESP", ip(caller, callee, 50, content(30))),
        sample("ICMP echo", ip(caller, callee, 1, icmp_error(8, call))),
        sample("ICMP error without a quote", ip(router, caller, 1, {3, 1, 0, 0, 0, 0, 0, 0})),
        sample("ICMPv6 neighbor", ip(alice6, bob6, 58, icmp_error(135, call6))),
        sample("ICMPv6 error without a quote", ip(bob6, alice6, 58, {1, 1, 0, 0, 0, 0, 0, 0})),
        sample("GRE", ip(caller, callee, 47, content(60))),
        sample("IP in IP", ip(caller, callee, 4, call)),
        sample("6in4", ip(caller, callee, 41, call6)),
        sample("4in6", ip(alice6, bob6, 4, call)),
        sample("GENEVE", geneve_packet(geneve(0, 0x6558, ethernet(call)))),
        sample("GENEVE without Ethernet", geneve_packet(geneve(8, 0x0800, call))),
        sample("GENEVE with IPv6", geneve_packet(geneve(63, 0x86dd, call6))),
        sample("GENEVE over IPv6",
               udp_packet(alice6, 5, bob6, 6081, geneve(1, 0x6558, ethernet(call6)))),
        sample("GENEVE with a tag",
               geneve_packet(geneve(2, 0x6558, ethernet(0x8100, tag(1, 0x0800, call))))),
        sample("ICMP error in GENEVE",
               geneve_packet(geneve(0, 0x0800, ip(router, caller, 1, icmp_error(3, call))))),
        sample("ARP in GENEVE", geneve_packet(geneve(0, 0x6558, ethernet(0x0806, content(28))))),
        sample("MPLS in GENEVE", geneve_packet(geneve(0, 0x8847, content(60)))),
        sample("something else in GENEVE", geneve_packet(geneve(0, 0x1234, content(60)))),
        sample("another version of GENEVE", geneve_packet(geneve(0x80, 0x0800, call))),
        sample("GENEVE in VXLAN",
               vxlan_packet(ethernet(geneve_packet(geneve(0, 0x6558, ethernet(call)))))),
        sample("not GENEVE, on its port", udp_packet(caller, 50000, callee, 6081, content(80))),
        sample("not GENEVE, short", udp_packet(caller, 50000, callee, 6081, {0, 0, 8, 0, 1})),
        sample("from GTP", udp_packet(caller, 2152, callee, 2152, content(80))),
        sample("VXLAN", vxlan_packet(ethernet(call))),
        sample("VXLAN over IPv6", udp_packet(alice6, 5, bob6, 4789, vxlan(1, ethernet(call6)))),
        sample("VXLAN on Linux's old port",
               udp_packet(caller, 50000, callee, 8472, vxlan(9, ethernet(call)))),
        sample("VXLAN with tags",
               vxlan_packet(ethernet(0x88a8, tag(1, 0x8100, tag(2, 0x0800, call))))),
        sample("ARP in VXLAN", vxlan_packet(ethernet(0x0806, content(28)))),
        sample("ARP in VXLAN over IPv6",
               udp_packet(alice6, 5, bob6, 4789, vxlan(1, ethernet(0x0806, content(28))))),
        sample("ICMP error in VXLAN",
               vxlan_packet(ethernet(ip(router, caller, 1, icmp_error(3, call))))),
        sample("VXLAN in VXLAN", vxlan_packet(ethernet(vxlan_packet(ethernet(call))))),
        sample("GRE in VXLAN", vxlan_packet(ethernet(ip(caller, callee, 47, content(60))))),
        sample("not VXLAN, on its port",
               udp_packet(caller, 4789, callee, 3478, {0, 1, 0, 0, 1, 2})),
        sample("not VXLAN, long", udp_packet(caller, 4789, callee, 3478, OctetVector(90, 0))),
        {"ARP", 0x0806, content(28)},
        {"MPLS", 0x8847, content(60)},
        {"tag", 0x8100, tag(5, 0x0800, call)},
        {"two tags", 0x88a8, tag(5, 0x8100, tag(6, 0x86dd, call6))},
        {"three tags", 0x88a8, tag(5, 0x8100, tag(6, 0x8100, tag(7, 0x0800, call)))},
        {"tagged ARP", 0x8100, tag(5, 0x0806, content(28))},
    };
    for (const auto type : std::array<std::uint8_t, 5>{3, 4, 5, 11, 12}) {
        all.push_back(sample(fmt::format("ICMP error {}", type),
                             ip(router, caller, 1, icmp_error(type, call))));
    }
    for (const auto type : std::array<std::uint8_t, 4>{1, 2, 3, 4}) {
        all.push_back(sample(fmt::format("ICMPv6 error {}", type),
                             ip("2001:db8:9::1", alice6, 58, icmp_error(type, call6))));
    }
    return all;
}

TEST(FanoutHash, BothDirectionsAndAllFlowsOfAPairAreOne) {
    const auto there = hash_of(udp_packet(caller, 50000, callee, 3478));
    EXPECT_NE(there, 0U);
    EXPECT_EQ(hash_of(udp_packet(callee, 3478, caller, 50000)), there);
    EXPECT_EQ(hash_of(ip(caller, callee, 6, content(20))), there);
    EXPECT_EQ(hash_of(ip(caller, callee, 17, content(600), 0x00b9)), there) << "a later fragment";
    EXPECT_NE(hash_of(udp_packet(caller, 50000, "198.51.100.98", 3478)), there);
    const auto there6 = hash_of(udp_packet(alice6, 50000, bob6, 3478));
    EXPECT_EQ(hash_of(udp_packet(bob6, 3478, alice6, 50000)), there6);
    EXPECT_NE(there6, 0U);
}

TEST(FanoutHash, AnErrorGoesWithThePacketItQuotes) {
    const auto call = udp_packet(caller, 50000, callee, 3478);
    const auto call6 = udp_packet(alice6, 50000, bob6, 3478);
    EXPECT_EQ(hash_of(ip(router, caller, 1, icmp_error(3, call))), hash_of(call));
    EXPECT_EQ(hash_of(ip(router, caller, 1, icmp_error(11, call), 0, {1, 1, 1, 1})), hash_of(call));
    EXPECT_EQ(hash_of(ip("2001:db8:9::1", alice6, 58, icmp_error(1, call6))), hash_of(call6));
    // An echo carries whatever it likes.
    EXPECT_EQ(hash_of(ip(router, caller, 1, icmp_error(8, call))),
              hash_of(ip(caller, router, 6, content(20))));
}

TEST(FanoutHash, TagsDoNotMatter) {
    const auto call = udp_packet(caller, 50000, callee, 3478);
    EXPECT_EQ(fanout_hash(tag(100, 0x0800, call), 0x8100), hash_of(call));
    EXPECT_EQ(fanout_hash(tag(100, 0x8100, tag(7, 0x0800, call)), 0x88a8), hash_of(call));
}

TEST(FanoutHash, VxlanGoesByWhatIsInside) {
    const auto there = udp_packet(caller, 50000, callee, 3478);
    const auto back = udp_packet(callee, 3478, caller, 50000);
    const auto error = ip(router, caller, 1, icmp_error(3, there));
    EXPECT_EQ(hash_of(vxlan_packet(ethernet(there), 40001)), hash_of(there));
    EXPECT_EQ(hash_of(vxlan_packet(ethernet(back), 51234, "10.9.0.77", "10.9.0.1")),
              hash_of(there));
    EXPECT_EQ(hash_of(vxlan_packet(ethernet(error), 40003)), hash_of(there));
    EXPECT_EQ(hash_of(vxlan_packet(ethernet(0x8100, tag(3, 0x0800, there)))), hash_of(there));
}

// Load balancers of clouds wrap what they hand to a firewall, and the answers come plain.
TEST(FanoutHash, GeneveGoesByWhatIsInside) {
    const auto there = udp_packet(caller, 50000, callee, 3478);
    const auto back = udp_packet(callee, 3478, caller, 50000);
    const auto there6 = udp_packet(alice6, 50000, bob6, 3478);
    EXPECT_EQ(hash_of(geneve_packet(geneve(0, 0x0800, there))), hash_of(back));
    EXPECT_EQ(hash_of(geneve_packet(geneve(8, 0x0800, there))), hash_of(back));
    EXPECT_EQ(hash_of(geneve_packet(geneve(63, 0x86dd, there6))), hash_of(there6));
    EXPECT_EQ(hash_of(geneve_packet(geneve(3, 0x6558, ethernet(back)))), hash_of(there));
    EXPECT_EQ(hash_of(geneve_packet(geneve(3, 0x6558, ethernet(0x8100, tag(3, 0x0800, there))))),
              hash_of(there));
    const auto error = ip(router, caller, 1, icmp_error(3, there));
    EXPECT_EQ(hash_of(geneve_packet(geneve(1, 0x0800, error))), hash_of(there));
}

TEST(FanoutHash, AClientThatHasTheTunnelsPortKeepsItsFlowTogether) {
    const auto there = udp_packet(caller, 4789, callee, 3478, {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42});
    const auto back = udp_packet(callee, 3478, caller, 4789, {1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42});
    EXPECT_EQ(hash_of(there), hash_of(back));
    EXPECT_EQ(hash_of(there), hash_of(ip(caller, callee, 6, content(20))));
    EXPECT_EQ(hash_of(udp_packet(caller, 6081, callee, 3478)),
              hash_of(udp_packet(callee, 3478, caller, 6081)));
}

TEST(FanoutHash, WhatIsNoGeneveGoesByItsOwnAddressesOnThatPortToo) {
    const OctetVector stun{0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42};
    const OctetVector dtls{22, 0xfe, 0xfd, 0, 0};
    const OctetVector rtp{0x80, 111, 0, 1};
    for (OctetVector payload : {stun, dtls, rtp}) {
        payload.resize(60);
        EXPECT_EQ(hash_of(udp_packet(caller, 6081, callee, 3478, payload)),
                  hash_of(ip(caller, callee, 6, content(20))));
    }
}

TEST(FanoutHash, OtherTunnelsAndOtherProtocolsAreTheFirstWorkers) {
    for (const auto& [name, ether_type, packet] : samples()) {
        for (const auto* const zero :
             {"GRE", "IP in IP", "6in4", "4in6", "from GTP", "ARP", "MPLS", "three tags",
              "tagged ARP", "GRE in VXLAN", "MPLS in GENEVE"}) {
            if (name == zero) {
                EXPECT_EQ(fanout_hash(packet, ether_type), 0U) << name;
            }
        }
    }
}

TEST(FanoutHash, PairsSpreadOverWorkers) {
    for (const unsigned workers : {2U, 3U, 4U, 8U}) {
        std::map<std::uint32_t, int> to_one_server;
        std::map<std::uint32_t, int> side_by_side;
        for (int i = 0; i < 800; ++i) {
            const auto client = fmt::format("10.0.{}.{}", i / 200, 1 + i % 200);
            const auto peer = fmt::format("10.1.{}.{}", i / 200, 1 + i % 200);
            ++to_one_server[hash_of(udp_packet(client, 50000, callee, 3478)) % workers];
            ++side_by_side[hash_of(udp_packet(client, 50000, peer, 3478)) % workers];
        }
        for (const auto& shares : {to_one_server, side_by_side}) {
            EXPECT_EQ(shares.size(), workers);
            for (const auto& [worker, share] : shares) {
                EXPECT_GT(share, 800 / static_cast<int>(workers) / 2);
            }
        }
    }
}

TEST(FanoutProgram, AgreesWithTheReference) {
    for (const auto& [name, ether_type, packet] : samples()) {
        EXPECT_EQ(run_program(packet, ether_type), fanout_hash(packet, ether_type)) << name;
    }
}

TEST(FanoutProgram, AgreesOnWhatIsCut) {
    for (const auto& [name, ether_type, packet] : samples()) {
        for (std::size_t size = 1; size < packet.size(); ++size) {
            const auto cut = base::Bytes(packet).first(size);
            ASSERT_EQ(run_program(cut, ether_type), fanout_hash(cut, ether_type))
                << name << " cut to " << size;
        }
    }
}

TEST(FanoutProgram, AgreesOnDamage) {
    std::mt19937 random(20261);
    for (int round = 0; round < 200; ++round) {
        for (auto [name, ether_type, packet] : samples()) {
            for (int i = 0; i < 3; ++i) {
                packet[random() % packet.size()] = static_cast<std::uint8_t>(random());
            }
            ASSERT_EQ(run_program(packet, ether_type), fanout_hash(packet, ether_type)) << name;
        }
    }
}

TEST(FanoutProgram, IsShortEnoughForTheKernel) {
    EXPECT_LT(fanout_program(static_cast<std::uint32_t>(SKF_NET_OFF), {}).size(),
              std::size_t{BPF_MAXINSNS});
}

}  // namespace
}  // namespace turnpike::capture
