#include "guard/packet_sockets.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

namespace turnpike::guard {

std::vector<int> packet_sockets() {
    // Descriptors are given out from below, and few are open by now.
    constexpr rlim_t enough = 65'536;
    struct rlimit limit{};
    const rlim_t end =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, enough) : enough;
    std::vector<int> found;
    for (int descriptor = 0; static_cast<rlim_t>(descriptor) < end; ++descriptor) {
        int family = 0;
        socklen_t size = sizeof family;
        if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 &&
            family == AF_PACKET) {
            found.push_back(descriptor);
        }
    }
    return found;
}

}  // namespace turnpike::guard
