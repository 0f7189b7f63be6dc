// Writes the IP and UDP headers that a socket took away, with their checksums.
#include "capture/udp_header.h"

#include <algorithm>

namespace turnpike::capture {
namespace {

constexpr std::uint8_t udp = 17;
constexpr std::uint8_t hop_limit = 64;
constexpr std::size_t udp_header_size = 8;
constexpr std::size_t ipv4_header_size = 20;

std::uint16_t checksum(base::Bytes header) noexcept {  // RFC 1071
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < header.size(); i += 2) {
        sum += static_cast<std::uint32_t>(header[i] << 8U) + header[i + 1];
    }
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
}

}  // namespace

UdpHeader::UdpHeader(const base::Endpoint& from, const base::Endpoint& to,
                     std::size_t payload_size) noexcept {
    const std::size_t datagram_size = udp_header_size + payload_size;
    if (from.address.is_v4() && to.address.is_v4()) {
        put_v4(from.address, to.address, datagram_size);
    } else {
        put_v6(from.address, to.address, datagram_size);
    }
    put(from.port, 2);
    put(to.port, 2);
    put(static_cast<std::uint32_t>(datagram_size), 2);
    put(0, 2);
}

void UdpHeader::put(std::uint32_t value, unsigned width) noexcept {
    for (unsigned shift = 8 * width; shift > 0; shift -= 8) {
        octets_[size_++] = static_cast<std::uint8_t>(value >> (shift - 8U));
    }
}

void UdpHeader::put_address(const base::IpAddress& address, std::size_t width) noexcept {
    const auto octets = address.octets();
    std::copy_n(octets.begin(), std::min(width, octets.size()),
                octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += width;
}

void UdpHeader::put_v4(const base::IpAddress& from, const base::IpAddress& to,
                       std::size_t datagram_size) noexcept {
    put(0x4500, 2);  // version, header of five words; no class
    put(static_cast<std::uint32_t>(ipv4_header_size + datagram_size), 2);
    put(0, 4);  // identification, flags, offset: not a fragment
    put(hop_limit, 1);
    put(udp, 1);
    put(0, 2);
    put_address(from, 4);
    put_address(to, 4);
    const std::uint16_t sum = checksum(bytes());
    octets_[10] = static_cast<std::uint8_t>(sum >> 8U);
    octets_[11] = static_cast<std::uint8_t>(sum);
}

void UdpHeader::put_v6(const base::IpAddress& from, const base::IpAddress& to,
                       std::size_t datagram_size) noexcept {
    put(0x60000000, 4);
    put(static_cast<std::uint32_t>(datagram_size), 2);
    put(udp, 1);
    put(hop_limit, 1);
    put_address(from, 16);
    put_address(to, 16);
}

}  // namespace turnpike::capture
