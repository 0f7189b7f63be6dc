// TCP: a connection, the first words of the row's protocol, and the wait for an answer.
#include <fmt/core.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "probe/attempts.h"
#include "probe/phrases.h"

namespace turnpike::probe {
namespace {

bool pending_error(int socket) noexcept {
    int error = 0;
    socklen_t octets = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &octets) != 0 || error != 0;
}

/// The responder lets nobody in whom it does not know. Where packets leave the firewall from
/// another address than the greeting did, it says so, and the next SYN gets in.
void make_known(const Announced& announced, const Ground& ground) {
    const auto seen = ground.responder->ask(announced.number);
    if (seen && seen->syns == 0 && seen->strangers > 0) {
        ground.responder->admit(seen->stranger.address);
    }
}

bool wait_connected(int socket, const Announced& announced, const Ground& ground) {
    constexpr std::chrono::milliseconds soon{400};
    const auto begin = Clock::now();
    if (announced.token && !wait_for(socket, POLLOUT, begin + soon, ground.stopped)) {
        make_known(announced, ground);
    }
    return wait_for(socket, POLLOUT, begin + patience, ground.stopped) && !pending_error(socket);
}

bool send_all(int socket, base::Bytes bytes, const Ground& ground) {
    const auto until = Clock::now() + patience;
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (errno != EAGAIN || !wait_for(socket, POLLOUT, until, ground.stopped)) {
            return false;
        }
    }
    return true;
}

/// What comes next; empty if nothing did in time, or the connection ended.
std::string receive(int socket, const Ground& ground) {
    std::array<char, 4096> octets{};
    if (!wait_for(socket, POLLIN, Clock::now() + patience, ground.stopped)) {
        return {};
    }
    const auto count = ::recv(socket, octets.data(), octets.size(), 0);
    return {octets.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

/// Ends an unanswered connection with a reset: it must not linger until the far end closes it,
/// which would look like a refusal.
void give_up(int socket) noexcept {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool go_through(int socket, const Attempt& attempt, const Ground& ground, Made& made) {
    const auto host = attempt.name.empty() ? base::to_string(attempt.to.address) : attempt.name;
    const auto target = host.find(':') == std::string::npos
                            ? fmt::format("{}:{}", host, attempt.to.port)
                            : fmt::format("[{}]:{}", host, attempt.to.port);
    auto request = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", target, target);
    if (!ground.proxy->authorization.empty()) {
        request += fmt::format("Proxy-Authorization: {}\r\n", ground.proxy->authorization);
    }
    request += "\r\n";
    std::string answer;
    if (send_all(socket, base::as_bytes(request), ground)) {
        while (answer.find("\r\n\r\n") == std::string::npos) {
            const auto more = receive(socket, ground);
            if (more.empty()) {
                break;
            }
            answer += more;
        }
    }
    constexpr std::size_t status_at = 9;  // "HTTP/1.1 200"
    if (answer.size() > status_at && answer[status_at] == '2') {
        return true;
    }
    made.remark = answer.empty() ? "the proxy kept silent"
                                 : "the proxy said: " + answer.substr(0, answer.find('\r'));
    return false;
}

}  // namespace

base::Descriptor connect_to(const Attempt& attempt, const Announced& announced,
                            const Ground& ground, Made& made) {
    made.to = ground.proxy ? ground.proxy->at : attempt.to;
    auto socket = open_socket(true, made.to.address.is_v6(), *ground.ports);
    const SocketAddress address(made.to);
    if (!socket || (::connect(socket.get(), address.get(), address.octets) != 0 &&
                    errno != EINPROGRESS && errno != ECONNREFUSED)) {
        made.trouble = std::strerror(errno);
        return {};
    }
    made.from = local_end(socket.get());
    if (!wait_connected(socket.get(), announced, ground)) {
        return {};
    }
    if (ground.proxy && !go_through(socket.get(), attempt, ground, made)) {
        give_up(socket.get());
        return {};
    }
    return socket;
}

Announced announce(const Attempt& attempt, const Ground& ground, bool tcp) {
    Announced announced;
    if (!attempt.at_responder) {
        return announced;
    }
    announced.number = ground.responder->next_attempt();
    announced.refused = ground.responder->lease(announced.number, tcp, attempt.to);
    announced.token = ground.responder->token(announced.number, tcp, attempt.to.port);
    return announced;
}

Made make_tcp(const Attempt& attempt, const Ground& ground) {
    Made made;
    const auto announced = announce(attempt, ground, true);
    if (!announced.refused.empty()) {
        made.trouble = announced.refused;
        return made;
    }
    const auto socket = connect_to(attempt, announced, ground, made);
    if (socket && send_all(socket.get(), opening_of(attempt, announced.token), ground)) {
        made.answered = !receive(socket.get(), ground).empty();
    }
    if (socket && !made.answered) {
        give_up(socket.get());
    }
    if (attempt.at_responder) {
        made.testimony = ground.responder->ask(announced.number);
    } else if (attempt.speech == Speech::tls && made.answered && !ground.stopped()) {
        check_certificate(attempt, ground, made);
    }
    return made;
}

Made make(const Attempt& attempt, const Ground& ground) {
    return over_tcp(attempt.speech) ? make_tcp(attempt, ground) : make_udp(attempt, ground);
}

}  // namespace turnpike::probe
