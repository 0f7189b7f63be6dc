// Opens listening sockets, TCP and Unix, and says why one cannot be opened.
#include "monitor/listening_socket.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "turnpike/base/descriptor.h"
#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

constexpr int backlog = 128;

[[noreturn]] void fail(std::string_view where, std::string_view why) {
    throw base::Error(base::ExitStatus::cannot_create,
                      fmt::format("{}: {}", base::from_network(where), why));
}

base::Descriptor stream_socket(int family) {
    return base::Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const noexcept {
        // The socket functions take every family's address by this type.
        return reinterpret_cast<const sockaddr*>(&storage);
    }
    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress address_of(const base::Endpoint& endpoint) {
    SocketAddress address;
    const auto octets = endpoint.address.octets();
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, octets.data(), octets.size());
        std::memcpy(&address.storage, &v4, sizeof v4);
        address.length = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
        std::memcpy(&address.storage, &v6, sizeof v6);
        address.length = sizeof v6;
    }
    return address;
}

SocketAddress address_of(std::string_view where, const std::string& path) {
    sockaddr_un local{};
    if (path.size() >= sizeof local.sun_path) {
        fail(where, fmt::format("the path is longer than {} bytes, the most a Unix "
                                "socket can have; choose a shorter one",
                                sizeof local.sun_path - 1));
    }
    SocketAddress address;
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.data(), path.size());
    std::memcpy(&address.storage, &local, sizeof local);
    address.length = sizeof local;
    return address;
}

// A socket file that nobody listens on any more; anything else at that path stays.
void remove_leftover(const std::string& path, const SocketAddress& address) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return;
    }
    const auto probe = stream_socket(AF_UNIX);
    if (::connect(probe.get(), address.get(), address.length) < 0 && errno == ECONNREFUSED) {
        ::unlink(path.c_str());
    }
}

std::string why_not() {
    if (errno == EADDRINUSE) {
        return "the address is in use already; choose another one, or stop what uses it";
    }
    if (errno == EACCES) {
        return "permission denied; choose a port from 1024 on, or a folder that may be written to";
    }
    if (errno == ENOENT) {
        return "there is no such folder; make it, or choose another path";
    }
    if (errno == EADDRNOTAVAIL) {
        return "this machine has no such address; 'ip address' shows those it has";
    }
    return std::strerror(errno);
}

void listen(std::string_view where, const base::Descriptor& socket, const SocketAddress& target) {
    if (::bind(socket.get(), target.get(), target.length) < 0 ||
        ::listen(socket.get(), backlog) < 0) {
        fail(where, why_not());
    }
}

}  // namespace

int listen_at(std::string_view option, base::Endpoint& endpoint) {
    const auto where = fmt::format("{} {}", option, to_string(endpoint));
    auto target = address_of(endpoint);
    auto socket = stream_socket(target.storage.ss_family);
    if (!socket) {
        fail(where, std::strerror(errno));
    }
    // A restarted service finds its port free although old connections linger.
    constexpr int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listen(where, socket, target);
    if (endpoint.port == 0) {
        ::getsockname(socket.get(), target.get(), &target.length);
        in_port_t port = 0;
        // sin_port and sin6_port stand at the same place (RFC 3493 3.3).
        std::memcpy(
            &port, reinterpret_cast<const char*>(&target.storage) + offsetof(sockaddr_in, sin_port),
            sizeof port);
        endpoint.port = ntohs(port);
    }
    return socket.release();
}

int listen_at(std::string_view option, const std::string& path) {
    const auto where = fmt::format("{} unix:{}", option, path);
    const auto target = address_of(where, path);
    remove_leftover(path, target);
    auto socket = stream_socket(AF_UNIX);
    if (!socket) {
        fail(where, std::strerror(errno));
    }
    listen(where, socket, target);
    return socket.release();
}

}  // namespace turnpike::monitor
