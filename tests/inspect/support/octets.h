// Builds messages octet by octet, in network order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::inspect::test {

using Octets = std::vector<std::uint8_t>;

/// Appends fields; every call returns the builder itself.
class Writer {
  public:
    Writer& u8(unsigned value) {
        octets_.push_back(static_cast<std::uint8_t>(value));
        return *this;
    }
    Writer& u16(unsigned value) { return u8(value >> 8U).u8(value & 0xffU); }
    Writer& u24(unsigned value) { return u8(value >> 16U).u16(value & 0xffffU); }
    Writer& u32(std::uint32_t value) { return u16(value >> 16U).u16(value & 0xffffU); }
    Writer& text(std::string_view value) { return bytes(base::as_bytes(value)); }
    Writer& bytes(base::Bytes value) {
        octets_.insert(octets_.end(), value.begin(), value.end());
        return *this;
    }
    Writer& zeros(std::size_t count) {
        octets_.insert(octets_.end(), count, 0);
        return *this;
    }
    Writer& prefixed8(base::Bytes value) {
        return u8(static_cast<unsigned>(value.size())).bytes(value);
    }
    Writer& prefixed16(base::Bytes value) {
        return u16(static_cast<unsigned>(value.size())).bytes(value);
    }
    [[nodiscard]] const Octets& done() const { return octets_; }

  private:
    Octets octets_;
};

/// A part of a message, for splitting it over packets.
inline Octets slice(const Octets& octets, std::size_t begin, std::size_t end) {
    return {octets.begin() + static_cast<std::ptrdiff_t>(begin),
            octets.begin() + static_cast<std::ptrdiff_t>(std::min(end, octets.size()))};
}

inline base::Endpoint endpoint(std::string_view address, std::uint16_t port) {
    return {base::IpAddress::parse(address).value(), port};
}

}  // namespace turnpike::inspect::test
