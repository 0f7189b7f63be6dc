// The fanout hash as a program of the kernel's classic packet filter.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace turnpike::capture {

/// Returns fanout_hash of the packet whose network header is at `network_header`: SKF_NET_OFF for
/// the kernel. The kernel knows the EtherType; for other interpreters it is given.
std::vector<sock_filter> fanout_program(std::uint32_t network_header,
                                        std::optional<std::uint16_t> ether_type);

}  // namespace turnpike::capture
