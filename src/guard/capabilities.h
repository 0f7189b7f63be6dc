// Capabilities (capabilities(7)) of this thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace turnpike::guard {

/// A set of capabilities, a bit each.
using Capabilities = std::uint64_t;

[[nodiscard]] Capabilities effective_capabilities() noexcept;
/// Switches capabilities off that can be switched on again; false if the kernel refuses.
bool use_capabilities(Capabilities effective) noexcept;
/// Gives up all but `kept`, in every set, as far as the kernel lets; true if only those are left.
bool keep_capabilities(Capabilities kept) noexcept;

/// To read any file, and to write any file.
constexpr Capabilities may_read_all = Capabilities{1} << 2U;             // CAP_DAC_READ_SEARCH
constexpr Capabilities may_write_all = Capabilities{1} << 1U;            // CAP_DAC_OVERRIDE
constexpr Capabilities may_bind_low_ports = Capabilities{1} << 10U;      // CAP_NET_BIND_SERVICE
constexpr Capabilities may_administer_network = Capabilities{1} << 12U;  // CAP_NET_ADMIN

}  // namespace turnpike::guard
