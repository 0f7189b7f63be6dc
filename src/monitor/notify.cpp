// Sends datagrams to the service manager (sd_notify(3)).
#include "turnpike/monitor/notify.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

std::string_view variable(const char* name) noexcept {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// sd_watchdog_enabled(3): the variables may have been inherited from somebody who is watched.
std::optional<base::Duration> watchdog_interval() noexcept {
    const auto microseconds = number(variable("WATCHDOG_USEC"));
    const auto watched = variable("WATCHDOG_PID");
    const bool us = watched.empty() || number(watched) == static_cast<std::uint64_t>(::getpid());
    if (!us || !microseconds || *microseconds == 0 || *microseconds > 1'000'000'000'000'000) {
        return std::nullopt;
    }
    return std::chrono::microseconds{*microseconds / 2};
}

// A path, or a name of the abstract namespace written with "@" (unix(7)). 0: neither.
socklen_t fill(sockaddr_un& address, std::string_view name) noexcept {
    if ((name[0] != '/' && name[0] != '@') || name.size() >= sizeof address.sun_path) {
        return 0;
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
}

// A service manager that hangs may delay us so long, and no longer.
constexpr timeval notify_patience{1, 0};

}  // namespace

Notifier::Notifier() : interval_(watchdog_interval()) {
    const auto name = variable("NOTIFY_SOCKET");
    if (name.empty()) {
        return;
    }
    sockaddr_un address{};
    const socklen_t length = fill(address, name);
    if (length == 0) {
        problem_ =
            fmt::format("NOTIFY_SOCKET={}: no path of a Unix socket", base::from_network(name));
        return;
    }
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // sockets have one address type in their interface and another one for each family
    if (socket_ < 0 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), length) < 0) {
        problem_ =
            fmt::format("NOTIFY_SOCKET={}: {}", base::from_network(name), std::strerror(errno));
        if (socket_ >= 0) {
            ::close(socket_);
            socket_ = -1;
        }
        return;
    }
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &notify_patience, sizeof notify_patience);
}

Notifier::~Notifier() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void Notifier::ready() noexcept {
    send("READY=1", 0);
}

void Notifier::status(std::string_view text) {
    send("STATUS=" + base::from_catalog(text), MSG_DONTWAIT);
}

void Notifier::watchdog() noexcept {
    if (interval_) {
        send("WATCHDOG=1", MSG_DONTWAIT);
    }
}

void Notifier::reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                     static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000),
         0);
}

void Notifier::stopping() noexcept {
    send("STOPPING=1", 0);
}

// What must arrive waits; what is repeated soon anyway does not. An error changes nothing for us.
void Notifier::send(std::string_view message, int flags) noexcept {
    if (socket_ >= 0) {
        static_cast<void>(::send(socket_, message.data(), message.size(), flags | MSG_NOSIGNAL));
    }
}

}  // namespace turnpike::monitor
