#include "turnpike/probe/nat.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include "probe/attempts.h"
#include "probe/phrases.h"

namespace turnpike::probe {
namespace {

using std::chrono::seconds;

Attempt binding(const base::Endpoint& to) {
    Attempt attempt;
    attempt.speech = Speech::stun;
    attempt.to = to;
    attempt.at_responder = true;
    return attempt;
}

bool heard(int socket, Clock::time_point until, const Ground& ground) {
    std::array<std::uint8_t, 2048> octets{};
    return wait_for(socket, POLLIN, until, ground.stopped) &&
           ::recv(socket, octets.data(), octets.size(), 0) > 0;
}

/// Announces a Binding, sends it and waits for the answer; nothing if it did not get through.
std::optional<Announced> knock(int socket, const base::Endpoint& to, const Ground& ground) {
    const auto attempt = binding(to);
    auto announced = announce(attempt, ground, false);
    if (!announced.refused.empty()) {
        return std::nullopt;
    }
    const SocketAddress address(to);
    const auto question = Datagrams(attempt, announced.token).next();
    for (int i = 0; i < 3; ++i) {
        ::sendto(socket, question.data(), question.size(), MSG_NOSIGNAL, address.get(),
                 address.octets);
        if (heard(socket, Clock::now() + seconds{1}, ground)) {
            return announced;
        }
    }
    return std::nullopt;
}

/// The address that packets to there leave from.
base::IpAddress own_address(const base::Endpoint& to, const Ground& ground) {
    const auto socket = open_socket(false, to.address.is_v6(), *ground.ports);
    const SocketAddress address(to);
    return socket && ::connect(socket.get(), address.get(), address.octets) == 0
               ? local_end(socket.get()).address
               : base::IpAddress{};
}

}  // namespace

NatReport find_mapping(const Ground& ground, const base::Endpoint& one,
                       const base::Endpoint& other) {
    NatReport report;
    const auto socket = open_socket(false, one.address.is_v6(), *ground.ports);
    if (!socket) {
        return report;
    }
    std::array<base::Endpoint, 2> seen;
    base::Endpoint own{own_address(one, ground), 0};
    std::size_t place = 0;
    for (const auto& to : {one, other}) {
        const auto announced = knock(socket.get(), to, ground);
        const auto told = announced ? ground.responder->ask(announced->number) : std::nullopt;
        own.port = local_end(socket.get()).port;
        Made made;
        made.from = own;
        made.to = to;
        report.flows.push_back(made);
        if (!told || told->proofs == 0) {
            return report;
        }
        seen.at(place++) = told->source;
    }
    if (seen[0] == own && seen[1] == own) {
        report.lines.push_back(
            fmt::format("NAT: none between this host and the responder, which saw {} as it is",
                        base::to_string(own)));
        return report;
    }
    report.lines.push_back(fmt::format(
        "NAT: {} appears outside as {}; {}; ports are {}", base::to_string(own),
        base::to_string(seen[0]),
        seen[0] == seen[1]
            ? "the mapping is the same for every destination (endpoint-independent)"
            : fmt::format("another destination saw {}: the mapping depends on the destination",
                          base::to_string(seen[1])),
        seen[0].port == own.port && seen[1].port == own.port ? "preserved" : "not preserved"));
    return report;
}

}  // namespace turnpike::probe
