// Looks through the open descriptors for packet and datagram sockets.
#include "guard/packet_sockets.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

namespace turnpike::guard {
namespace {

// What an option of SOL_SOCKET says; below zero: this is no socket.
int value_of(int descriptor, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

template <typename Wanted>
std::vector<int> descriptors(Wanted wanted) {
    // Descriptors are given out from below, and few are open by now.
    constexpr rlim_t enough = 65'536;
    struct rlimit limit{};
    const rlim_t end =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, enough) : enough;
    std::vector<int> found;
    for (int descriptor = 0; static_cast<rlim_t>(descriptor) < end; ++descriptor) {
        if (wanted(descriptor)) {
            found.push_back(descriptor);
        }
    }
    return found;
}

}  // namespace

std::vector<int> packet_sockets() {
    return descriptors([](int descriptor) { return value_of(descriptor, SO_DOMAIN) == AF_PACKET; });
}

std::vector<int> datagram_sockets() {
    return descriptors([](int descriptor) {
        const int type = value_of(descriptor, SO_TYPE);
        return type >= 0 && type != SOCK_STREAM;
    });
}

}  // namespace turnpike::guard
