// Which addresses are surely not among many others, in a look at one bit.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "turnpike/base/ip_address.h"

namespace turnpike::attribute {

/// A Bloom filter (Bloom 1970) with one bit for each address: a "no" is always right, and of other
/// addresses at most one in sixteen gets a "yes".
class AddressSieve {
  public:
    /// For so many addresses; more make it say "yes" more often.
    explicit AddressSieve(std::size_t addresses)
        : bits_(std::bit_ceil(std::clamp(addresses, least, most) * bits_each)) {}

    /// From now on `may_hold` says yes to it.
    void add(const base::IpAddress& address) { bits_[place_of(address)] = true; }
    /// Whether the address may have been added.
    [[nodiscard]] bool may_hold(const base::IpAddress& address) const {
        return bits_[place_of(address)];
    }

  private:
    static constexpr std::size_t bits_each = 16;
    static constexpr std::size_t least = 4;
    static constexpr std::size_t most = std::size_t{1} << 22U;  // 8 MB

    [[nodiscard]] std::size_t place_of(const base::IpAddress& address) const {
        return address.hash() & (bits_.size() - 1);
    }

    std::vector<bool> bits_;
};

}  // namespace turnpike::attribute
