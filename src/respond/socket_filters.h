// Filters in the kernel (classic BPF), so that a flood costs next to nothing.
#pragma once

#include <cstdint>
#include <span>

#include "turnpike/base/ip_address.h"

namespace turnpike::respond {

/// Of a listening TCP socket: only these addresses may connect; SYNs of others meet silence.
/// False: errno says why (EPERM: this kernel wants the capability net_admin for it).
bool admit_only(int listener, bool v6, std::span<const base::IpAddress> addresses) noexcept;
/// Of a raw TCP socket: only SYNs to these ports are delivered. Without ports, nothing.
void watch_syns(int raw, bool v6, std::span<const std::uint16_t> ports) noexcept;
/// Of the agreed UDP port: only datagrams that can be a probe's.
void only_messages(int socket) noexcept;

}  // namespace turnpike::respond
