// Sockets of attempts: made, bound to the block, connected, waited for.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>

#include "turnpike/base/descriptor.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/probe/port_block.h"

namespace turnpike::probe {

using Clock = std::chrono::steady_clock;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t octets = 0;
    explicit SocketAddress(const base::Endpoint& endpoint) noexcept;
    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

/// This host's end of a connected socket.
base::Endpoint local_end(int socket) noexcept;

/// A socket of the block, not blocking, not yet connected. Without one errno says why.
base::Descriptor open_socket(bool tcp, bool v6, PortBlock& ports) noexcept;

/// Waits until the socket is ready for `events` (poll(2)), in slices, so that `stopped` is asked
/// now and then. False: the time is up, or it was stopped.
bool wait_for(int socket, short events, Clock::time_point until,
              const std::function<bool()>& stopped);

}  // namespace turnpike::probe
