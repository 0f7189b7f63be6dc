// Looks through the open descriptors for packet and datagram sockets.
#include "guard/packet_sockets.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>

namespace turnpike::guard {
namespace {

// What an option of SOL_SOCKET says; below zero: this is no socket.
int value_of(int descriptor, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// Without those that poll(2) says are not open: it tells of thousands in one call, and a process
// may be allowed tens of thousands of descriptors.
std::vector<int> open_ones(std::vector<pollfd>& asked) {
    const bool told = ::poll(asked.data(), asked.size(), 0) >= 0;
    std::vector<int> open;
    for (const pollfd& one : asked) {
        if (!told || (one.revents & POLLNVAL) == 0) {
            open.push_back(one.fd);
        }
    }
    return open;
}

template <typename Wanted>
std::vector<int> descriptors(Wanted wanted) {
    constexpr std::size_t at_once = 4096;
    // Descriptors are given out from below, and few are open by now.
    constexpr rlim_t enough = 65'536;
    struct rlimit limit{};
    const rlim_t end =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, enough) : enough;
    std::vector<int> found;
    std::vector<pollfd> asked;
    for (int next = 0; static_cast<rlim_t>(next) < end;) {
        asked.clear();
        for (; asked.size() < at_once && static_cast<rlim_t>(next) < end; ++next) {
            asked.push_back({.fd = next, .events = 0, .revents = 0});
        }
        std::ranges::copy_if(open_ones(asked), std::back_inserter(found), wanted);
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
