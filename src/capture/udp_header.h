// The IP and UDP headers of a datagram that a socket delivered without them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::capture {

/// RFC 791, RFC 8200 and RFC 768. The UDP checksum is left out (zero, RFC 768, RFC 6935).
class UdpHeader {
  public:
    /// Both endpoints of the same family; IPv6 if they are not.
    UdpHeader(const base::Endpoint& from, const base::Endpoint& to,
              std::size_t payload_size) noexcept;

    /// The header, as long as this object lives.
    [[nodiscard]] base::Bytes bytes() const noexcept { return base::Bytes(octets_).first(size_); }

  private:
    void put(std::uint32_t value, unsigned width) noexcept;
    void put_v4(const base::IpAddress& from, const base::IpAddress& to,
                std::size_t datagram_size) noexcept;
    void put_v6(const base::IpAddress& from, const base::IpAddress& to,
                std::size_t datagram_size) noexcept;
    void put_address(const base::IpAddress& address, std::size_t width) noexcept;

    std::array<std::uint8_t, 48> octets_{};
    std::size_t size_ = 0;
};

}  // namespace turnpike::capture
