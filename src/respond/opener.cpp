#include "respond/opener.h"

#include <fmt/core.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "turnpike/base/error.h"
#include "turnpike/guard/guard.h"

namespace turnpike::respond {
namespace {

struct Request {
    std::uint8_t tcp = 0;
    std::uint8_t v6 = 0;
    std::uint16_t port = 0;
};

union Control {
    std::array<char, CMSG_SPACE(sizeof(int))> octets;
    cmsghdr aligned;
};

bool set(int socket, int level, int option) noexcept {
    const int on = 1;
    return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

// A filter that takes nothing: SYNs meet silence until the responder knows whose they may be.
bool let_nobody_in(int socket) noexcept {
    sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &nothing};
    return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

bool bind_to(int socket, const Request& request) noexcept {
    if (request.v6 != 0) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(request.port);
        return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(request.port);
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool prepare(int socket, const Request& request) noexcept {
    constexpr int backlog = 64;
    if (request.v6 != 0 && !set(socket, IPPROTO_IPV6, IPV6_V6ONLY)) {
        return false;
    }
    if (request.tcp == 0) {
        return tell_local_addresses(socket, request.v6 != 0) && bind_to(socket, request);
    }
    return set(socket, SOL_SOCKET, SO_REUSEADDR) && let_nobody_in(socket) &&
           bind_to(socket, request) && ::listen(socket, backlog) == 0;
}

void send_answer(int line, int error, int socket) noexcept {
    iovec part{&error, sizeof error};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (socket >= 0) {
        message.msg_control = control.octets.data();
        message.msg_controllen = control.octets.size();
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof socket);
        std::memcpy(CMSG_DATA(header), &socket, sizeof socket);
    }
    ::sendmsg(line, &message, MSG_NOSIGNAL);
}

// Ends when the responder does: its end of the line is closed then.
[[noreturn]] void serve(int line) {
    std::signal(SIGINT, SIG_IGN);  // the responder decides when both end
    std::signal(SIGTERM, SIG_IGN);
    ::prctl(PR_SET_NAME, "turnpike-opener");
    guard::keep_low_ports();
    Request request;
    while (::recv(line, &request, sizeof request, 0) == sizeof request) {
        const Descriptor socket(::socket(
            request.v6 != 0 ? AF_INET6 : AF_INET,
            (request.tcp != 0 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const bool ready = socket && prepare(socket.get(), request);
        send_answer(line, ready ? 0 : errno, ready ? socket.get() : -1);
    }
    std::_Exit(0);
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
    line_ = Descriptor(ends[0]);
    const Descriptor other(ends[1]);
    child_ = ::fork();
    if (child_ < 0) {
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("no second process: {}", std::strerror(errno)));
    }
    if (child_ == 0) {
        ::close(line_.get());
        serve(other.get());
    }
}

Opener::~Opener() {
    // Its child sees the end of the line and ends; the system takes it away.
}

Opener::Opened Opener::open(bool tcp, bool v6, std::uint16_t port) {
    const Request request{static_cast<std::uint8_t>(tcp), static_cast<std::uint8_t>(v6), port};
    if (::send(line_.get(), &request, sizeof request, MSG_NOSIGNAL) != sizeof request) {
        return {{}, errno};
    }
    int error = 0;
    iovec part{&error, sizeof error};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.octets.data();
    message.msg_controllen = control.octets.size();
    if (::recvmsg(line_.get(), &message, MSG_CMSG_CLOEXEC) != sizeof error) {
        return {{}, EPIPE};
    }
    Opened opened{{}, error};
    if (const auto* const header = CMSG_FIRSTHDR(&message);
        header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int socket = -1;
        std::memcpy(&socket, CMSG_DATA(header), sizeof socket);
        opened.socket = Descriptor(socket);
    }
    return opened;
}

}  // namespace turnpike::respond
