// Opens sockets on request for a process that may no longer do so itself: a child that keeps what
// low ports and filters of TCP sockets need (capabilities net_bind_service and net_admin), and does
// nothing else.
#pragma once

#include <cstdint>
#include <span>

#include "turnpike/base/descriptor.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::respond {

class Opener {
  public:
    /// Starts the child; to be called before privileges are given up and threads are started.
    /// Throws base::Error.
    Opener();

    struct Opened {
        base::Descriptor socket;
        int error = 0;  ///< errno of what went wrong; 0 if nothing did
    };
    static constexpr std::size_t most_addresses = 64;
    /// A socket bound to the port on all addresses of the family, not blocking. A TCP socket
    /// listens, and lets nobody in until its filter is replaced.
    Opened open(bool tcp, bool v6, std::uint16_t port);
    /// Lets these addresses (the first `most_addresses` of them) connect to a listener, and nobody
    /// else. False if the kernel refuses filters: then everybody may.
    bool admit(int listener, bool v6, std::span<const base::IpAddress> addresses);

  private:
    struct Request;
    [[noreturn]] static void serve(int line);
    [[nodiscard]] Opened ask(const Request& request, int passed) const;

    base::Descriptor line_;  ///< the child sees its end, and ends
};

/// Makes the socket deliver the local address of each datagram (IP_PKTINFO). False: errno says why.
bool tell_local_addresses(int socket, bool v6) noexcept;

}  // namespace turnpike::respond
