// Asks the responder which address it sees, and tries how long an idle session lives.
#include "turnpike/probe/nat.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

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

/// Whether an answer still gets in after a session was idle for so long.
struct Idle {
    seconds time{0};
    Made made;
    std::optional<bool> lived;  ///< nothing if it cannot be told
};

/// Waits in vain where `over` says that a shorter time was too long already.
void leave_idle(Idle& idle, const base::Endpoint& to, const Ground& ground,
                const std::function<bool(seconds)>& over) {
    const auto socket = open_socket(false, to.address.is_v6(), *ground.ports);
    const SocketAddress address(to);
    if (!socket || ::connect(socket.get(), address.get(), address.octets) != 0) {
        return;
    }
    idle.made.from = local_end(socket.get());
    idle.made.to = to;
    const auto announced = knock(socket.get(), to, ground);
    if (!announced || !ground.responder->later(announced->number, idle.time)) {
        return;
    }
    constexpr seconds more{3};
    const auto given_up = [&] { return ground.stopped() || over(idle.time); };
    std::array<std::uint8_t, 2048> octets{};
    const bool answered =
        wait_for(socket.get(), POLLIN, Clock::now() + idle.time + more, given_up) &&
        ::recv(socket.get(), octets.data(), octets.size(), 0) > 0;
    if (!given_up()) {
        idle.lived = answered;
    }
}

/// What is known of the limit: sessions lived for `lived`, and were gone after `gone`.
struct Bounds {
    seconds lived{0};
    std::optional<seconds> gone;

    void learn(const Idle& idle) {
        if (!idle.lived) {
            return;
        }
        if (*idle.lived) {
            lived = std::max(lived, idle.time);
        } else {
            gone = std::min(gone.value_or(idle.time), idle.time);
        }
    }
};

std::vector<Idle> double_up(const base::Endpoint& to, const Ground& ground) {
    std::vector<Idle> tries;
    for (seconds time{5}; time <= longest_idle; time *= 2) {
        tries.push_back({time, {}, {}});
    }
    std::atomic<seconds::rep> shortest_gone{longest_idle.count() + 1};
    const auto over = [&shortest_gone](seconds time) { return time.count() > shortest_gone; };
    {
        std::vector<std::jthread> threads;
        threads.reserve(tries.size());
        for (auto& one : tries) {
            threads.emplace_back([&] {
                leave_idle(one, to, ground, over);
                if (one.lived == false) {
                    shortest_gone = std::min(shortest_gone.load(), one.time.count());
                }
            });
        }
    }
    return tries;
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

NatReport find_session_limit(const Ground& ground, const base::Endpoint& to) {
    auto tries = double_up(to, ground);
    Bounds bounds;
    std::ranges::for_each(tries, [&bounds](const Idle& one) { bounds.learn(one); });
    constexpr int tenth = 10;
    constexpr seconds narrow{1};
    while (bounds.gone && *bounds.gone - bounds.lived > std::max(narrow, bounds.lived / tenth)) {
        auto& middle = tries.emplace_back(bounds.lived + (*bounds.gone - bounds.lived) / 2, Made{},
                                          std::nullopt);
        leave_idle(middle, to, ground, [](seconds) { return false; });
        if (!middle.lived) {
            break;
        }
        bounds.learn(middle);
    }
    NatReport report;
    for (const auto& one : tries) {
        if (one.made.from) {
            report.flows.push_back(one.made);
        }
    }
    if (bounds.gone) {
        report.lines.push_back(
            fmt::format("UDP sessions: answers got in after {} s of silence, and not after {} s",
                        bounds.lived.count(), bounds.gone->count()));
    } else if (bounds.lived.count() > 0) {
        report.lines.push_back(fmt::format(
            "UDP sessions: answers still got in after {} s of silence", bounds.lived.count()));
    } else {
        report.lines.emplace_back("UDP sessions: how long they live could not be told");
    }
    return report;
}

}  // namespace turnpike::probe
