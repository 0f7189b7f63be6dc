// Makes, binds and waits for the sockets of attempts.
#include "probe/sockets.h"

#include <poll.h>

#include <algorithm>
#include <cstring>

namespace turnpike::probe {

SocketAddress::SocketAddress(const base::Endpoint& endpoint) noexcept {
    const auto bytes = endpoint.address.octets();
    if (endpoint.address.is_v6()) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(endpoint.port);
        std::memcpy(&address.sin6_addr, bytes.data(), bytes.size());
        std::memcpy(&storage, &address, sizeof address);
        octets = sizeof address;
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(endpoint.port);
        std::memcpy(&address.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&storage, &address, sizeof address);
        octets = sizeof address;
    }
}

base::Endpoint local_end(int socket) noexcept {
    sockaddr_storage storage{};
    socklen_t octets = sizeof storage;
    base::Endpoint endpoint;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &octets) != 0) {
        return endpoint;
    }
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, &storage, sizeof address);
        endpoint.address = base::IpAddress::from_octets(base::Bytes(address.sin6_addr.s6_addr, 16));
        endpoint.port = ntohs(address.sin6_port);
    } else {
        sockaddr_in address{};
        std::memcpy(&address, &storage, sizeof address);
        endpoint.address = base::IpAddress::v4(ntohl(address.sin_addr.s_addr));
        endpoint.port = ntohs(address.sin_port);
    }
    return endpoint;
}

base::Descriptor open_socket(bool tcp, bool v6, PortBlock& ports) noexcept {
    base::Descriptor socket(
        ::socket(v6 ? AF_INET6 : AF_INET,
                 (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (socket && v6) {
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (socket && !ports.bind(socket.get(), v6)) {
        return {};
    }
    return socket;
}

bool wait_for(int socket, short events, Clock::time_point until,
              const std::function<bool()>& stopped) {
    constexpr std::chrono::milliseconds slice{100};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0 || stopped()) {
            return false;
        }
        pollfd ready{socket, events, 0};
        if (::poll(&ready, 1, static_cast<int>(std::min(left, slice).count()) + 1) > 0) {
            return true;
        }
    }
}

}  // namespace turnpike::probe
