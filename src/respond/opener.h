// Opens sockets on request for a process that may no longer do so itself: a child that keeps the
// one capability that low ports need, and does nothing else.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "respond/descriptor.h"

namespace turnpike::respond {

class Opener {
  public:
    /// Starts the child; to be called before privileges are given up and threads are started.
    /// Throws base::Error.
    Opener();
    ~Opener();
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;

    struct Opened {
        Descriptor socket;
        int error = 0;  ///< errno of what went wrong; 0 if nothing did
    };
    /// A socket bound to the port on all addresses of the family, not blocking. A TCP socket
    /// listens, and lets nobody in until its filter is replaced.
    Opened open(bool tcp, bool v6, std::uint16_t port);

  private:
    Descriptor line_;
    pid_t child_ = -1;
};

/// Makes the socket deliver the local address of each datagram (IP_PKTINFO). False: errno says why.
bool tell_local_addresses(int socket, bool v6) noexcept;

}  // namespace turnpike::respond
