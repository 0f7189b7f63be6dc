// Asks `turnpike respond` for leases and for what it saw, and asks again when no answer comes.
#include "turnpike/probe/responder.h"

#include <fmt/core.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "probe/sockets.h"
#include "turnpike/base/error.h"
#include "turnpike/speak/random.h"

namespace turnpike::probe {
namespace {

using base::Error;
using base::ExitStatus;

constexpr std::chrono::milliseconds answer_patience{700};
constexpr int tries_of_greeting = 5;
constexpr int most_tries = 8;

void tell_hop_limits(int socket, bool v6) {
    const int on = 1;
    if (v6) {
        ::setsockopt(socket, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
    } else {
        ::setsockopt(socket, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
    }
}

struct Arrived {
    std::array<std::uint8_t, 512> octets{};
    std::size_t count = 0;
    unsigned hop_limit = 0;
};

bool receive(int socket, Arrived& arrived) {
    alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
    iovec part{arrived.octets.data(), arrived.octets.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto count = ::recvmsg(socket, &message, MSG_DONTWAIT);
    if (count < 0) {
        return false;
    }
    arrived.count = static_cast<std::size_t>(count);
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TTL) ||
            (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT)) {
            int value = 0;
            std::memcpy(&value, CMSG_DATA(header), sizeof value);
            arrived.hop_limit = static_cast<unsigned>(value);
        }
    }
    return true;
}

}  // namespace

Responder::Responder(const base::Endpoint& agreed, proof::Key key)
    : key_(std::move(key)),
      socket_(::socket(agreed.address.is_v6() ? AF_INET6 : AF_INET,
                       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      session_(speak::random_array<sizeof(proof::SessionId)>()) {
    const SocketAddress address(agreed);
    const auto where = base::to_string(agreed);
    if (!socket_ || ::connect(socket_.get(), address.get(), address.octets) != 0) {
        throw Error(ExitStatus::cannot_open, fmt::format("responder {}: {}; is this host online?",
                                                         where, std::strerror(errno)));
    }
    tell_hop_limits(socket_.get(), agreed.address.is_v6());
    proof::Message hello;
    hello.kind = proof::Kind::hello;
    const auto welcome = talk(hello, tries_of_greeting);
    if (!welcome) {
        throw Error(
            ExitStatus::cannot_open,
            fmt::format("responder {}: no answer over udp; 'turnpike respond' must run there with "
                        "the same key file, both clocks must agree within {} s, and the firewall "
                        "must pass this one port; what respond prints says which",
                        where, proof::tolerance.count()));
    }
    if (welcome->number == 0) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("responder {}: serves as many audits as it can; try again in a "
                                "minute",
                                where));
    }
    short_name_ = welcome->number;
    from_ = local_end(socket_.get());
}

Responder::~Responder() {
    try {
        proof::Message bye;
        bye.kind = proof::Kind::bye;
        talk(bye, 1);
    } catch (...) {  // NOLINT(bugprone-empty-catch): its session ends by itself
    }
}

std::optional<proof::Message> Responder::talk(proof::Message question, int times) {
    const std::lock_guard lock(mutex_);
    question.session = session_;
    const auto never = [] { return false; };
    for (int i = 0; i < times; ++i) {
        question.nonce = speak::random_array<sizeof(proof::Nonce)>();
        question.time = base::now();
        const auto datagram = proof::encode(question, key_);
        ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
        const auto until = Clock::now() + answer_patience;
        while (wait_for(socket_.get(), POLLIN, until, never)) {
            Arrived arrived;
            if (!receive(socket_.get(), arrived)) {
                continue;  // an ICMP error: nobody there yet, or never
            }
            auto decoded =
                proof::decode(base::Bytes(arrived.octets).first(arrived.count), key_, base::now());
            if (decoded.message && decoded.message->nonce == question.nonce &&
                decoded.message->session == session_) {
                hop_limit_ = arrived.hop_limit;
                return decoded.message;
            }
        }
    }
    return std::nullopt;
}

std::string Responder::lease(std::uint16_t attempt, bool tcp, const base::Endpoint& target) {
    proof::Message question;
    question.kind = proof::Kind::lease;
    question.number = attempt;
    question.tcp = tcp;
    question.v6 = target.address.is_v6();
    question.port = target.port;
    question.place = target;
    const auto answer = talk(question, most_tries);
    if (!answer) {
        return "the responder stopped answering";
    }
    switch (answer->result) {
        case proof::LeaseResult::granted:
            return {};
        case proof::LeaseResult::in_use:
            return "the responder's host uses this port itself";
        case proof::LeaseResult::not_permitted:
            return "the responder may not open this port; start it as root, or with the "
                   "capability net_bind_service";
        case proof::LeaseResult::too_many:
            return "the responder has as many open attempts as it can";
    }
    return {};
}

proof::Token Responder::token(std::uint16_t attempt, bool tcp, std::uint16_t port) const {
    return proof::make_token(key_, session_, {short_name_, attempt}, tcp, port);
}

std::optional<proof::Testimony> Responder::ask(std::uint16_t attempt) {
    proof::Message question;
    question.kind = proof::Kind::ask;
    question.number = attempt;
    const auto answer = talk(question, most_tries);
    return answer && answer->known ? std::optional{answer->testimony} : std::nullopt;
}

void Responder::admit(const base::IpAddress& address) {
    proof::Message question;
    question.kind = proof::Kind::admit;
    question.place = {address, 0};
    talk(question, most_tries);
}

bool Responder::later(std::uint16_t attempt, std::chrono::milliseconds delay) {
    proof::Message question;
    question.kind = proof::Kind::later;
    question.number = attempt;
    question.milliseconds = static_cast<std::uint32_t>(delay.count());
    const auto answer = talk(question, most_tries);
    return answer && answer->known;
}

}  // namespace turnpike::probe
