// Finds a free block of local ports, and binds sockets within it.
#include "turnpike/probe/port_block.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "turnpike/base/error.h"

namespace turnpike::probe {
namespace {

constexpr unsigned lowest = 20'480;
constexpr unsigned blocks = 20;  // up to 61439

int bind_to(int socket, bool v6, unsigned port) noexcept {
    if (v6) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(static_cast<std::uint16_t>(port));
        return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

PortBlock::PortBlock() {
    const auto start = static_cast<unsigned>(::getpid());
    for (unsigned i = 0; i < blocks; ++i) {
        const unsigned candidate = lowest + (start + i) % blocks * size;
        base::Descriptor hold(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (hold && bind_to(hold.get(), false, candidate) == 0) {
            first_ = static_cast<std::uint16_t>(candidate);
            hold_ = std::move(hold);
            return;
        }
    }
    throw base::Error(base::ExitStatus::io_error,
                      "every block of local ports is taken; wait until other audits have ended");
}

bool PortBlock::bind(int socket, bool v6) noexcept {
    for (unsigned i = 0; i < size; ++i) {
        const unsigned port = first_ + 1U + next_.fetch_add(1) % (size - 1U);
        if (bind_to(socket, v6, port) == 0) {
            return true;
        }
        if (errno != EADDRINUSE) {
            return false;
        }
    }
    return false;
}

std::string PortBlock::filter() const {
    return fmt::format("portrange {}-{} or icmp or icmp6", first(), last());
}

}  // namespace turnpike::probe
