// Packets for tests of live capture: each function puts one header before what it carries.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "capture/support/octets.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::capture::testing {

inline OctetVector join(std::initializer_list<OctetVector> parts) {
    OctetVector all;
    for (const OctetVector& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}
inline OctetVector be16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}
inline OctetVector octets_of(std::string_view address) {
    const auto parsed = base::IpAddress::parse(address).value();
    return {parsed.octets().begin(), parsed.octets().end()};
}

/// IPv4 or IPv6, by the addresses. `fragment` is the field of flags and offset, IPv4 only.
inline OctetVector ip(std::string_view source, std::string_view destination, std::uint8_t protocol,
                      const OctetVector& payload, std::uint16_t fragment = 0,
                      const OctetVector& options = {}) {
    if (source.find(':') != std::string_view::npos) {
        return join({{0x60, 0, 0, 0},
                     be16(payload.size()),
                     {protocol, 64},
                     octets_of(source),
                     octets_of(destination),
                     payload});
    }
    const std::size_t header = 20 + options.size();
    OctetVector made = join({{static_cast<std::uint8_t>(0x40U + header / 4), 0},
                             be16(header + payload.size()),
                             be16(0x4242),
                             be16(fragment),
                             {64, protocol, 0, 0},
                             octets_of(source),
                             octets_of(destination),
                             options});
    std::uint32_t sum = 0;  // the kernel looks at it where it puts fragments together
    for (std::size_t i = 0; i < made.size(); i += 2) {
        sum += static_cast<std::uint32_t>(made[i] << 8U) + made[i + 1];
    }
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    made[10] = static_cast<std::uint8_t>(~sum >> 8U);
    made[11] = static_cast<std::uint8_t>(~sum);
    return join({made, payload});
}
inline OctetVector udp(std::uint16_t from, std::uint16_t to, const OctetVector& payload) {
    return join({be16(from), be16(to), be16(8 + payload.size()), be16(0), payload});
}
inline OctetVector udp_packet(std::string_view source, std::uint16_t from,
                              std::string_view destination, std::uint16_t to,
                              const OctetVector& payload = content(40)) {
    return ip(source, destination, 17, udp(from, to, payload));
}
/// An ICMP or ICMPv6 error with the packet it quotes.
inline OctetVector icmp_error(std::uint8_t type, const OctetVector& quoted) {
    return join({{type, 1, 0, 0, 0, 0, 0, 0}, quoted});
}
inline OctetVector tag(std::uint16_t id, std::uint16_t type, const OctetVector& payload) {
    return join({be16(id), be16(type), payload});
}
/// The type of what an IP packet is.
inline std::uint16_t type_of(const OctetVector& packet) {
    return packet.at(0) >> 4U == 6 ? 0x86dd : 0x0800;
}
inline OctetVector ethernet(std::uint16_t type, const OctetVector& payload) {
    return join({{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, be16(type), payload});
}
inline OctetVector ethernet(const OctetVector& packet) {
    return ethernet(type_of(packet), packet);
}
inline OctetVector vxlan(std::uint32_t id, const OctetVector& frame) {
    return join(
        {{8, 0, 0, 0, static_cast<std::uint8_t>(id >> 16U)}, be16(id & 0xffffU), {0}, frame});
}

}  // namespace turnpike::capture::testing
