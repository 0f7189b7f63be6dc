// The numbers that both the fanout program and its reference go by.
#pragma once

#include <array>
#include <cstdint>

namespace turnpike::capture::fanout {

inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t ipv6 = 0x86dd;
/// IEEE 802.1Q, 802.1ad, and what older switches used for the outer tag.
inline constexpr std::array<std::uint16_t, 3> tags{0x8100, 0x88a8, 0x9100};
inline constexpr unsigned most_tags = 2;

inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t icmpv6 = 58;
/// IPv4 and IPv6 in IP, GRE, EtherIP, MPLS, Ethernet: what is inside is not looked at.
inline constexpr std::array<std::uint8_t, 6> tunnel_protocols{4, 41, 47, 97, 137, 143};
/// L2TP, GTP-U, Teredo, LISP, GRE, VXLAN-GPE, CAPWAP, MPLS. Not TZSP (37008): media use that range.
inline constexpr std::array<std::uint16_t, 8> tunnel_ports{1701, 2152, 3544, 4341,
                                                           4754, 4790, 5247, 6635};
inline constexpr std::array<std::uint16_t, 2> vxlan_ports{4789, 8472};
inline constexpr std::uint8_t vxlan_vni_present = 0x08;  // RFC 7348 5
inline constexpr std::uint32_t vxlan_ether_type = 28;    // after two UDP, VXLAN and MAC addresses
inline constexpr std::uint32_t vxlan_inner = 30;
inline constexpr std::uint32_t vxlan_least = 8 + 8 + 14 + 20;  // UDP length with an IPv4 header

/// Of clouds and of their load balancers, which may wrap one direction of a flow only.
inline constexpr std::array<std::uint16_t, 1> geneve_ports{6081};
inline constexpr std::uint16_t geneve_zero = 0xc03f;       // version 0 and reserved: RFC 8926 3.4
inline constexpr std::uint8_t geneve_option_words = 0x3f;  // of four octets
inline constexpr std::uint32_t geneve_payload = 16;        // after UDP and GENEVE without options
inline constexpr std::uint32_t geneve_least =
    geneve_payload + 20;  // UDP length with an IPv4 header
inline constexpr std::uint16_t bridged_ethernet = 0x6558;
/// MPLS and NSH: what is inside is not looked at.
inline constexpr std::array<std::uint16_t, 2> geneve_tunnels{0x8847, 0x894f};

/// Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792).
inline constexpr std::array<std::uint8_t, 5> icmp_errors{3, 4, 5, 11, 12};
/// Destination unreachable, packet too big, time exceeded, parameter problem (RFC 4443).
inline constexpr std::array<std::uint8_t, 4> icmpv6_errors{1, 2, 3, 4};

/// Fragment offset and the flag that more follow, of the 16 bits they share (RFC 791 3.1).
inline constexpr std::uint16_t fragment_bits = 0x3fff;

// Any odd numbers with many bits would do: addresses that differ in few bits must differ in the
// lowest ones of the result. Sum and exclusive or together, because pairs like 10.0.0.N and
// 10.1.0.N have all the same exclusive or.
inline constexpr std::uint32_t first_factor = 0x9e3779b1;
inline constexpr std::uint32_t second_factor = 0x85ebca6b;
inline constexpr unsigned first_shift = 16;
inline constexpr unsigned second_shift = 13;

}  // namespace turnpike::capture::fanout
