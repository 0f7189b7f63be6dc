// Starts the process that opens sockets, and passes their descriptors over a socket pair.
#include "respond/opener.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "respond/socket_filters.h"
#include "turnpike/base/error.h"
#include "turnpike/guard/guard.h"

namespace turnpike::respond {

/// A socket to open, or (with a listener passed along) the addresses to let in.
struct Opener::Request {
    bool opens = true;
    bool tcp = false;
    bool v6 = false;
    std::uint16_t port = 0;
    std::size_t count = 0;
    std::array<std::array<std::uint8_t, 16>, most_addresses> addresses{};
};

namespace {

union Control {
    std::array<char, CMSG_SPACE(sizeof(int))> octets;
    cmsghdr aligned;
};

bool set(int socket, int level, int option) noexcept {
    const int on = 1;
    return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

bool bind_to(int socket, bool v6, std::uint16_t port) noexcept {
    if (v6) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool prepare(int socket, bool tcp, bool v6, std::uint16_t port) noexcept {
    constexpr int backlog = 64;
    if (v6 && !set(socket, IPPROTO_IPV6, IPV6_V6ONLY)) {
        return false;
    }
    if (!tcp) {
        return tell_local_addresses(socket, v6) && bind_to(socket, v6, port);
    }
    admit_only(socket, v6, {});  // where the kernel refuses, the responder says so
    return set(socket, SOL_SOCKET, SO_REUSEADDR) && bind_to(socket, v6, port) &&
           ::listen(socket, backlog) == 0;
}

/// Sends octets and perhaps a descriptor.
template <typename Content>
bool pass(int line, const Content& content, int descriptor) noexcept {
    iovec part{const_cast<Content*>(&content), sizeof content};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = control.octets.data();
        message.msg_controllen = control.octets.size();
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return ::sendmsg(line, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof content);
}

/// Takes the same; false at the end of the line.
template <typename Content>
bool take(int line, Content& content, base::Descriptor& descriptor) noexcept {
    iovec part{&content, sizeof content};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.octets.data();
    message.msg_controllen = control.octets.size();
    if (::recvmsg(line, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof content)) {
        return false;
    }
    if (const auto* const header = CMSG_FIRSTHDR(&message);
        header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int number = -1;
        std::memcpy(&number, CMSG_DATA(header), sizeof number);
        descriptor = base::Descriptor(number);
    }
    return true;
}

base::Descriptor opened(bool tcp, bool v6, std::uint16_t port, int& error) {
    base::Descriptor socket(
        ::socket(v6 ? AF_INET6 : AF_INET,
                 (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket || !prepare(socket.get(), tcp, v6, port)) {
        error = errno;
        return {};
    }
    return socket;
}

}  // namespace

bool tell_local_addresses(int socket, bool v6) noexcept {
    return v6 ? set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO) : set(socket, IPPROTO_IP, IP_PKTINFO);
}

Opener::Opener() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("no socket pair: {}", std::strerror(errno)));
    }
    line_ = base::Descriptor(ends[0]);
    const base::Descriptor other(ends[1]);
    const auto child = ::fork();
    if (child < 0) {
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("no second process: {}", std::strerror(errno)));
    }
    if (child == 0) {
        line_ = {};
        serve(other.get());
    }
}

// Ends when the responder does: the other end of the line is closed then.
void Opener::serve(int line) {
    std::signal(SIGINT, SIG_IGN);  // the responder decides when both end
    std::signal(SIGTERM, SIG_IGN);
    ::prctl(PR_SET_NAME, "turnpike-opener");
    guard::keep_network_rights();
    Request request;
    base::Descriptor passed;
    while (take(line, request, passed)) {
        int error = 0;
        base::Descriptor socket;
        if (request.opens) {
            socket = opened(request.tcp, request.v6, request.port, error);
        } else {
            std::vector<base::IpAddress> addresses;
            for (std::size_t i = 0; i < std::min(request.count, most_addresses); ++i) {
                addresses.push_back(base::IpAddress::from_octets(
                    base::Bytes(request.addresses.at(i)).first(request.v6 ? 16 : 4)));
            }
            error = admit_only(passed.get(), request.v6, addresses) ? 0 : errno;
        }
        pass(line, error, socket.get());
        passed = {};
    }
    std::_Exit(0);
}

Opener::Opened Opener::ask(const Request& request, int passed) const {
    Opened answer;
    if (!pass(line_.get(), request, passed) || !take(line_.get(), answer.error, answer.socket)) {
        answer.error = EPIPE;
    }
    return answer;
}

Opener::Opened Opener::open(bool tcp, bool v6, std::uint16_t port) {
    Request request;
    request.tcp = tcp;
    request.v6 = v6;
    request.port = port;
    return ask(request, -1);
}

bool Opener::admit(int listener, bool v6, std::span<const base::IpAddress> addresses) {
    Request request;
    request.opens = false;
    request.v6 = v6;
    for (const auto& address : addresses) {
        if (address.is_v6() == v6 && request.count < most_addresses) {
            std::ranges::copy(address.octets(), request.addresses.at(request.count++).begin());
        }
    }
    return ask(request, listener).error == 0;
}

}  // namespace turnpike::respond
