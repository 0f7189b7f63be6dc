// A bounded choice that the same seed makes again.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"

namespace turnpike::probe {

/// `count` ports of the range, both ends among them, ascending; all if there are no more.
std::vector<std::uint16_t> sample_ports(std::uint16_t first, std::uint16_t last, std::size_t count,
                                        std::uint64_t seed, std::string_view salt);

/// `count` different positions below `size`, ascending; the first ones are as likely as others.
std::vector<std::size_t> sample_positions(std::size_t size, std::size_t count, std::uint64_t seed,
                                          std::string_view salt);

/// Up to `count` host addresses of the network.
std::vector<base::IpAddress> sample_addresses(const base::Prefix& network, std::size_t count,
                                              std::uint64_t seed);

}  // namespace turnpike::probe
