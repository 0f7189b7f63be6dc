// UDP: datagrams of the row's protocol, sent again as its clients would, until an answer comes.
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "probe/attempts.h"
#include "probe/phrases.h"
#include "probe/relay.h"

namespace turnpike::probe {
namespace {

using namespace std::chrono_literals;

// RFC 8489 6.2.1 doubles from half a second on; two sends so far apart are what silence needs to
// count (docs/verdicts.md, udp_timeout).
constexpr std::array sends{0ms, 500ms, 1700ms};

bool send(int socket, const speak::Octets& octets) noexcept {
    return ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace

Made make_udp(const Attempt& attempt, const Ground& ground) {
    Made made;
    made.to = attempt.to;
    const auto announced = announce(attempt, ground, false);
    if (!announced.refused.empty()) {
        made.trouble = announced.refused;
        return made;
    }
    const auto socket = open_socket(false, attempt.to.address.is_v6(), *ground.ports);
    const SocketAddress address(attempt.to);
    if (!socket || ::connect(socket.get(), address.get(), address.octets) != 0) {
        made.trouble = std::strerror(errno);
        return made;
    }
    Datagrams datagrams(attempt, announced.token);
    const auto begin = Clock::now();
    std::array<std::uint8_t, 4096> answer{};
    for (std::size_t i = 0; i < sends.size() && !made.answered && !ground.stopped(); ++i) {
        if (!send(socket.get(), datagrams.next()) && errno != ECONNREFUSED) {
            made.trouble = std::strerror(errno);
            return made;
        }
        made.from = local_end(socket.get());
        const auto until = begin + (i + 1 < sends.size() ? sends.at(i + 1) : patience);
        while (!made.answered && wait_for(socket.get(), POLLIN, until, ground.stopped)) {
            const auto count = ::recv(socket.get(), answer.data(), answer.size(), 0);
            if (count <= 0) {
                continue;  // an ICMP error; the capture has it
            }
            made.answered = true;
            if (attempt.speech == Speech::turn && !attempt.at_responder && ground.turn_login) {
                carry_media(socket.get(),
                            base::Bytes(answer).first(static_cast<std::size_t>(count)), attempt,
                            ground, made);
            }
        }
    }
    if (attempt.at_responder) {
        made.testimony = ground.responder->ask(announced.number);
    }
    return made;
}

}  // namespace turnpike::probe
