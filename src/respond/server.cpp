// The loop of `turnpike respond`: its agreed port, leased ports, connections and delayed
// answers.
#include "turnpike/respond/server.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "respond/answers.h"
#include "respond/datagrams.h"
#include "respond/ledger.h"
#include "respond/opener.h"
#include "respond/refusals.h"
#include "respond/socket_address.h"
#include "respond/socket_filters.h"
#include "turnpike/base/error.h"
#include "turnpike/base/time.h"
#include "turnpike/guard/guard.h"

namespace turnpike::respond {
namespace {

using base::Error;
using base::ExitStatus;
using namespace std::chrono_literals;

constexpr std::size_t most_connections = 256;
constexpr auto connection_lives = 20s;  // longer than a probe waits
constexpr std::size_t most_first_octets = 8192;
constexpr std::uint32_t most_answers = 32;  // to one attempt: so often may its proof be shown again
constexpr int most_at_a_turn = 256;         // datagrams of one socket before others have their turn
constexpr auto longest_wait = std::chrono::hours{3};

base::Descriptor control_socket(Opener& opener, bool v6, std::uint16_t port) {
    constexpr int room = 4 << 20;
    auto opened = opener.open(false, v6, port);
    if (opened.error == EAFNOSUPPORT && v6) {
        return {};
    }
    if (opened.error != 0) {
        throw Error(opened.error == EACCES ? ExitStatus::no_permission : ExitStatus::cannot_open,
                    fmt::format("udp port {}: {}; {}", port, std::strerror(opened.error),
                                opened.error == EADDRINUSE
                                    ? "another program has it, choose one with --port"
                                    : "choose a port with --port"));
    }
    ::setsockopt(opened.socket.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    only_messages(opened.socket.get());
    return std::move(opened.socket);
}

base::Descriptor syn_watch(bool v6) {
    base::Descriptor raw(
        ::socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (!raw && errno == EAFNOSUPPORT && v6) {
        return {};
    }
    if (!raw) {
        throw Error(
            ExitStatus::no_permission,
            fmt::format("respond: raw sockets: {}; grant it once with 'sudo setcap "
                        "cap_net_raw,cap_net_bind_service+ep /path/to/turnpike', or use sudo",
                        std::strerror(errno)));
    }
    if (v6) {
        const int on = 1;
        ::setsockopt(raw.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    }
    watch_syns(raw.get(), v6, {});
    return raw;
}

struct Connection {
    base::Descriptor socket;
    PortName port;
    base::Endpoint source;
    std::vector<std::uint8_t> octets;
    bool proven = false;
    Clock::time_point ends;
};

/// Where the last datagram of an attempt came from, to answer it once more later.
struct Return {
    PortName port;
    Received to;
};

/// An answer that was asked for later.
struct Later {
    Clock::time_point when;
    std::pair<std::uint16_t, std::uint16_t> attempt;
};

}  // namespace

class Server::State {
  public:
    State(proof::Key key, const Options& options);
    void run();
    void stop() noexcept {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    }
    [[nodiscard]] Totals totals() const noexcept {
        auto sum = totals_;
        sum.refused = refusals_.count();
        return sum;
    }

  private:
    using Attempt = std::pair<std::uint16_t, std::uint16_t>;
    void confine(const Options& options);
    void watch(int descriptor);
    void serve(int descriptor);
    void converse(int socket);
    bool answer(proof::Message& message, const Received& received);
    void grant(Session& session, proof::Message& message);
    void tell(const Session& session, proof::Message& message) const;
    void promise(const Session& session, std::uint16_t name, proof::Message& message);
    void take_datagrams(int socket, const PortName& port);
    Lease* proven(const Claim& claim, const PortName& port, const base::Endpoint& source);
    void take_syns(int socket, bool v6);
    void count_syn(const PortName& port, const base::IpAddress& target,
                   const base::Endpoint& source);
    void accept(int listener, const PortName& port);
    void read(int socket);
    void send_later();
    void close_unused();
    void refresh_filters();
    [[nodiscard]] int wait_milliseconds() const;

    proof::Key key_;
    Refusals refusals_;
    Opener opener_;
    std::array<base::Descriptor, 2> control_;
    std::array<base::Descriptor, 2> raw_;
    base::Descriptor epoll_;
    base::Descriptor wake_;
    Ledger ledger_;
    proof::Replays replays_;
    std::map<PortName, base::Descriptor> ports_;
    std::map<int, PortName> port_of_;  ///< by descriptor
    std::map<int, Connection> connections_;
    std::map<Attempt, Return> returns_;
    std::vector<Later> later_;
    Totals totals_;
    Buffer buffer_{};
};

Server::State::State(proof::Key key, const Options& options)
    : key_(std::move(key)),
      refusals_(options.log),
      control_{control_socket(opener_, false, options.port),
               control_socket(opener_, true, options.port)},
      raw_{syn_watch(false), syn_watch(true)},
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    for (const auto* const pair : {&control_, &raw_}) {
        for (const auto& descriptor : *pair) {
            if (descriptor) {
                watch(descriptor.get());
            }
        }
    }
    watch(wake_.get());
    confine(options);
}

void Server::State::confine(const Options& options) {
    guard::Needs needs;
    needs.accept = true;
    needs.answer = true;
    if (!options.user.empty()) {
        needs.user = options.user;
    } else if (::geteuid() == 0) {
        needs.user = "nobody";
    }
    const auto done = guard::confine(needs);
    auto notes = done.notes;
    notes.insert(notes.end(), done.missing.begin(), done.missing.end());
    for (const auto& note : notes) {
        if (options.log) {
            options.log(note);
        }
    }
}

void Server::State::watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void Server::State::run() {
    std::array<epoll_event, 64> events{};
    for (;;) {
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                       wait_milliseconds());
        for (int i = 0; i < count; ++i) {
            const int descriptor = events.at(static_cast<std::size_t>(i)).data.fd;
            if (descriptor == wake_.get()) {
                return;
            }
            serve(descriptor);
        }
        send_later();
        close_unused();
    }
}

int Server::State::wait_milliseconds() const {
    constexpr int turn = 250;
    int wait = turn;
    for (const auto& one : later_) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(one.when - Clock::now());
        wait = static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, wait));
    }
    return wait;
}

void Server::State::serve(int descriptor) {
    for (std::size_t v6 = 0; v6 < 2; ++v6) {
        if (descriptor == control_.at(v6).get()) {
            converse(descriptor);
            return;
        }
        if (descriptor == raw_.at(v6).get()) {
            take_syns(descriptor, v6 != 0);
            return;
        }
    }
    if (const auto port = port_of_.find(descriptor); port != port_of_.end()) {
        if (port->second.tcp) {
            accept(descriptor, port->second);
        } else {
            take_datagrams(descriptor, port->second);
        }
    } else if (connections_.contains(descriptor)) {
        read(descriptor);
    }
}

// ---- the agreed port ----

void Server::State::converse(int socket) {
    for (int i = 0; i < most_at_a_turn; ++i) {
        const auto received = receive(socket, buffer_);
        if (!received) {
            return;
        }
        auto decoded = proof::decode(received->payload, key_, base::now());
        if (!decoded.message) {
            refusals_.add(received->source, decoded);
            continue;
        }
        auto& message = *decoded.message;
        if (!replays_.fresh(message.session, message.nonce, base::now())) {
            refusals_.add_replay(received->source);
            continue;
        }
        if (answer(message, *received)) {
            message.time = base::now();
            reply(socket, *received, proof::encode(message, key_));
        }
    }
}

/// Turns the question into its answer; false if there is none.
bool Server::State::answer(proof::Message& message, const Received& received) {
    const auto now = Clock::now();
    if (message.kind == proof::Kind::hello) {
        const auto known = ledger_.find(message.session, now) != nullptr;
        const auto name = ledger_.begin(message.session, now);
        message.kind = proof::Kind::welcome;
        message.number = name.value_or(0);
        message.place = received.source;
        if (name) {
            ledger_.find(*name)->learn(received.source.address);
            totals_.sessions += known ? 0 : 1;
        }
        return true;
    }
    auto* const session = ledger_.find(message.session, now);
    if (session == nullptr) {
        return false;
    }
    switch (message.kind) {
        case proof::Kind::lease:
            grant(*session, message);
            return true;
        case proof::Kind::ask:
            tell(*session, message);
            return true;
        case proof::Kind::later:
            for (const auto& [name, one] : ledger_.sessions()) {
                if (&one == session) {
                    promise(*session, name, message);
                }
            }
            return true;
        case proof::Kind::admit:
            session->learn(message.place.address);
            refresh_filters();
            message.kind = proof::Kind::admitted;
            return true;
        case proof::Kind::bye:
            ledger_.end(message.session);
            message.kind = proof::Kind::farewell;
            return true;
        default:
            return false;
    }
}

void Server::State::grant(Session& session, proof::Message& message) {
    message.kind = proof::Kind::leased;
    const PortName name{message.tcp, message.v6, message.port};
    if (const auto found = session.leases.find(message.number); found != session.leases.end()) {
        message.result = proof::LeaseResult::granted;  // the answer to the first question got lost
        return;
    }
    if (ledger_.leases() >= Ledger::most_leases) {
        message.result = proof::LeaseResult::too_many;
        return;
    }
    if (!ports_.contains(name)) {
        auto opened = opener_.open(name.tcp, name.v6, name.port);
        if (opened.error != 0) {
            message.result = opened.error == EACCES ? proof::LeaseResult::not_permitted
                                                    : proof::LeaseResult::in_use;
            return;
        }
        watch(opened.socket.get());
        port_of_[opened.socket.get()] = name;
        ports_[name] = std::move(opened.socket);
    }
    session.leases[message.number] = {
        name, message.place.address, Clock::now() + Ledger::lease_lives, {}};
    ++totals_.attempts;
    refresh_filters();
    message.result = proof::LeaseResult::granted;
}

void Server::State::tell(const Session& session, proof::Message& message) const {
    message.kind = proof::Kind::told;
    const auto found = session.leases.find(message.number);
    message.known = found != session.leases.end();
    if (message.known) {
        message.testimony = found->second.seen;
    }
}

void Server::State::promise(const Session& session, std::uint16_t name, proof::Message& message) {
    message.kind = proof::Kind::agreed;
    const Attempt attempt{name, message.number};
    const std::chrono::milliseconds delay{message.milliseconds};
    message.known = session.leases.contains(message.number) && returns_.contains(attempt) &&
                    delay <= longest_wait && later_.size() < Ledger::most_leases;
    if (!message.known) {
        return;
    }
    const auto when = Clock::now() + delay;
    auto* const changed = ledger_.find(name);
    changed->leases[message.number].ends = when + Ledger::lease_lives;
    changed->ends = std::max(changed->ends, when + Ledger::session_lives);
    later_.push_back({when, attempt});
}

// ---- attempts ----

/// The lease whose proof this is, if it is one: of this port, and not shown too often.
Lease* Server::State::proven(const Claim& claim, const PortName& port,
                             const base::Endpoint& source) {
    const auto parts = proof::parts_of(claim.token);
    auto* const session = ledger_.find(parts.session);
    if (session == nullptr) {
        return nullptr;
    }
    const auto lease = session->leases.find(parts.attempt);
    if (lease == session->leases.end() || lease->second.port != port ||
        !proof::equal(proof::make_token(key_, session->id, parts, port.tcp, port.port),
                      claim.token)) {
        return nullptr;
    }
    auto& seen = lease->second.seen;
    ++seen.proofs;
    seen.source = source;
    if (!session->knows(source.address)) {
        session->learn(source.address);
        refresh_filters();
    }
    return seen.answers < most_answers ? &lease->second : nullptr;
}

void Server::State::take_datagrams(int socket, const PortName& port) {
    for (int i = 0; i < most_at_a_turn; ++i) {
        const auto received = receive(socket, buffer_);
        if (!received) {
            return;
        }
        const auto claim = claim_of_datagram(received->payload);
        auto* const lease = claim ? proven(*claim, port, received->source) : nullptr;
        if (lease == nullptr) {
            continue;
        }
        const auto parts = proof::parts_of(claim->token);
        returns_[{parts.session, parts.attempt}] = {port, *received};
        const auto octets = answer_to(*claim, received->payload, received->source);
        if (!octets.empty() && octets.size() <= received->payload.size() &&
            reply(socket, *received, octets)) {
            ++lease->seen.answers;
            ++totals_.answers;
        }
    }
}

void Server::State::take_syns(int socket, bool v6) {
    constexpr std::size_t least_header = 20;
    for (int i = 0; i < most_at_a_turn; ++i) {
        const auto received = receive(socket, buffer_);
        if (!received) {
            return;
        }
        auto segment = received->payload;
        auto target = received->target;
        if (!v6 && segment.size() >= least_header) {
            target = base::IpAddress::from_octets(segment.subspan(16, 4));
            segment = segment.subspan(
                std::min<std::size_t>(segment.size(), (segment[0] & 0x0fU) * std::size_t{4}));
        }
        if (segment.size() >= least_header) {
            const auto port = [&segment](std::size_t at) {
                return static_cast<std::uint16_t>(segment[at] << 8U | segment[at + 1]);
            };
            count_syn({true, v6, port(2)}, target, {received->source.address, port(0)});
        }
    }
}

void Server::State::count_syn(const PortName& port, const base::IpAddress& target,
                              const base::Endpoint& source) {
    for (auto& [name, session] : ledger_.sessions()) {
        for (auto& [attempt, lease] : session.leases) {
            if (lease.port != port || lease.target != target) {
                continue;
            }
            if (session.knows(source.address)) {
                ++lease.seen.syns;
                lease.seen.source = source;
            } else {
                ++lease.seen.strangers;
                lease.seen.stranger = source;
            }
        }
    }
}

void Server::State::accept(int listener, const PortName& port) {
    sockaddr_storage peer{};
    socklen_t octets = sizeof peer;
    base::Descriptor socket(::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &octets,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket || connections_.size() >= most_connections) {
        return;
    }
    sockaddr_storage local{};
    octets = sizeof local;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&local), &octets);
    const auto source = endpoint_of(peer);
    for (auto& [name, session] : ledger_.sessions()) {
        for (auto& [attempt, lease] : session.leases) {
            if (lease.port == port && lease.target == endpoint_of(local).address &&
                session.knows(source.address)) {
                ++lease.seen.accepted;
            }
        }
    }
    const int number = socket.get();
    watch(number);
    connections_[number] = {
        std::move(socket), port, source, {}, false, Clock::now() + connection_lives};
}

void Server::State::read(int socket) {
    auto& connection = connections_.at(socket);
    const auto count = ::recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count <= 0 ||
        connection.octets.size() + static_cast<std::size_t>(count) > most_first_octets) {
        connections_.erase(socket);
        return;
    }
    if (connection.proven) {
        return;  // one answer is enough
    }
    connection.octets.insert(connection.octets.end(), buffer_.begin(), buffer_.begin() + count);
    const auto claim = claim_of_stream(connection.octets);
    auto* const lease = claim ? proven(*claim, connection.port, connection.source) : nullptr;
    if (lease == nullptr) {
        return;
    }
    connection.proven = true;
    const auto octets = answer_to(*claim, connection.octets, connection.source);
    if (!octets.empty() && octets.size() <= connection.octets.size() &&
        ::send(socket, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        ++lease->seen.answers;
        ++totals_.answers;
    }
}

// ---- time ----

void Server::State::send_later() {
    const auto now = Clock::now();
    std::erase_if(later_, [&](const Later& one) {
        if (one.when > now) {
            return false;
        }
        auto* const session = ledger_.find(one.attempt.first);
        const auto back = returns_.find(one.attempt);
        if (session == nullptr || back == returns_.end()) {
            return true;
        }
        const auto lease = session->leases.find(one.attempt.second);
        const auto port = ports_.find(back->second.port);
        if (lease != session->leases.end() && port != ports_.end() &&
            reply(port->second.get(), back->second.to,
                  speak::Octets(std::tuple_size_v<proof::Token>))) {
            ++lease->second.seen.answers;
            ++totals_.answers;
        }
        return true;
    });
}

void Server::State::close_unused() {
    const auto now = Clock::now();
    std::erase_if(connections_, [now](const auto& entry) { return entry.second.ends < now; });
    if (!ledger_.expire(now)) {
        return;
    }
    std::erase_if(returns_, [this](const auto& entry) {
        auto* const session = ledger_.find(entry.first.first);
        return session == nullptr || !session->leases.contains(entry.first.second);
    });
    std::erase_if(ports_, [this](const auto& entry) {
        for (const auto& [name, session] : ledger_.sessions()) {
            for (const auto& [attempt, lease] : session.leases) {
                if (lease.port == entry.first) {
                    return false;
                }
            }
        }
        port_of_.erase(entry.second.get());
        return true;
    });
    refresh_filters();
}

/// Each listener lets in the addresses of the sessions that leased it, and SYNs to leased ports are
/// counted.
void Server::State::refresh_filters() {
    std::map<PortName, std::vector<base::IpAddress>> admitted;
    std::array<std::vector<std::uint16_t>, 2> watched;
    for (const auto& [name, session] : ledger_.sessions()) {
        for (const auto& [attempt, lease] : session.leases) {
            if (lease.port.tcp) {
                auto& addresses = admitted[lease.port];
                addresses.insert(addresses.end(), session.addresses.begin(),
                                 session.addresses.end());
                auto& ports = watched.at(lease.port.v6 ? 1 : 0);
                if (std::ranges::find(ports, lease.port.port) == ports.end()) {
                    ports.push_back(lease.port.port);
                }
            }
        }
    }
    for (auto& [port, addresses] : admitted) {
        std::ranges::sort(addresses);
        const auto repeated = std::ranges::unique(addresses);
        addresses.erase(repeated.begin(), repeated.end());
        if (!opener_.admit(ports_.at(port).get(), port.v6, addresses)) {
            refusals_.say_once(
                "TCP ports answer everybody's SYN while a probe tries them: this kernel filters "
                "them only with the capability net_admin, 'sudo setcap "
                "cap_net_raw,cap_net_bind_service,cap_net_admin+ep /path/to/turnpike'");
        }
    }
    for (std::size_t v6 = 0; v6 < 2; ++v6) {
        if (raw_.at(v6)) {
            watch_syns(raw_.at(v6).get(), v6 != 0, watched.at(v6));
        }
    }
}

Server::Server(proof::Key key, const Options& options)
    : state_(std::make_unique<State>(std::move(key), options)) {}
Server::~Server() = default;

void Server::run() {
    state_->run();
}

void Server::stop() noexcept {
    state_->stop();
}

Totals Server::totals() const noexcept {
    return state_->totals();
}

}  // namespace turnpike::respond
