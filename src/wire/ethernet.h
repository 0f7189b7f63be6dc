// EtherType values (IANA "IEEE 802 Numbers", and vendors' own) that turnpike knows.
#pragma once

#include <cstdint>

namespace turnpike::wire::ether_type {

inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t arp = 0x0806;
inline constexpr std::uint16_t wake_on_lan = 0x0842;
inline constexpr std::uint16_t trill = 0x22f3;  // RFC 6325
inline constexpr std::uint16_t cisco_loop = 0x6002;
inline constexpr std::uint16_t bridged_ethernet = 0x6558;  // RFC 1701, RFC 7637
inline constexpr std::uint16_t reverse_arp = 0x8035;
inline constexpr std::uint16_t ethertalk_arp = 0x80f3;
inline constexpr std::uint16_t vlan = 0x8100;  // IEEE 802.1Q 9.5
inline constexpr std::uint16_t ipx = 0x8137;
inline constexpr std::uint16_t ipv6 = 0x86dd;
inline constexpr std::uint16_t flow_control = 0x8808;    // IEEE 802.3 31
inline constexpr std::uint16_t slow_protocols = 0x8809;  // IEEE 802.3 57A
inline constexpr std::uint16_t ppp = 0x880b;             // RFC 2637
inline constexpr std::uint16_t wccp = 0x883e;
inline constexpr std::uint16_t mpls = 0x8847;  // RFC 5332
inline constexpr std::uint16_t mpls_upstream = 0x8848;
inline constexpr std::uint16_t pppoe_discovery = 0x8863;  // RFC 2516 4
inline constexpr std::uint16_t pppoe_session = 0x8864;
inline constexpr std::uint16_t jumbo_llc = 0x8870;
inline constexpr std::uint16_t eapol = 0x888e;
inline constexpr std::uint16_t profinet = 0x8892;
inline constexpr std::uint16_t service_vlan = 0x88a8;  // IEEE 802.1Q 9.5
inline constexpr std::uint16_t erspan_2 = 0x88be;      // draft-foschiano-erspan-03 4.2
inline constexpr std::uint16_t erspan_3 = 0x22eb;      // draft-foschiano-erspan-03 4.3
inline constexpr std::uint16_t lldp = 0x88cc;
inline constexpr std::uint16_t homeplug = 0x88e1;
inline constexpr std::uint16_t macsec = 0x88e5;
inline constexpr std::uint16_t backbone = 0x88e7;  // IEEE 802.1Q 9.5, I-TAG
inline constexpr std::uint16_t ptp = 0x88f7;
inline constexpr std::uint16_t cfm = 0x8902;
inline constexpr std::uint16_t fabricpath = 0x8903;
inline constexpr std::uint16_t fcoe = 0x8906;
inline constexpr std::uint16_t cisco_metadata = 0x8909;
inline constexpr std::uint16_t vn_tag = 0x8926;
inline constexpr std::uint16_t port_extender = 0x893f;  // IEEE 802.1BR 7.5
inline constexpr std::uint16_t nsh = 0x894f;            // RFC 8300
inline constexpr std::uint16_t loopback = 0x9000;
inline constexpr std::uint16_t old_service_vlan = 0x9100;
inline constexpr std::uint16_t older_service_vlan = 0x9200;

}  // namespace turnpike::wire::ether_type
