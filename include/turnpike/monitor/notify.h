// Readiness, status and watchdog for the service manager.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/time.h"

namespace turnpike::monitor {

/// The protocol of sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names. Without it
/// nothing happens. libsystemd's function opens a socket at each call, which a confined process is
/// killed for; this one opens its socket in the constructor and needs only send afterwards.
class Notifier {
  public:
    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)).
    Notifier();
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// The service is up, or the reload is over; waits until the service manager takes it.
    void ready() noexcept;
    /// One line for `systemctl status`; control characters are made visible.
    void status(std::string_view text);
    /// Says that the process is alive, if the service manager wants to hear it.
    void watchdog() noexcept;
    /// A reload begins; `ready` ends it.
    void reloading();
    /// The service is about to end.
    void stopping() noexcept;

    /// How often `watchdog` should be called: half of what the service manager waits. Nothing: it
    /// does not watch.
    [[nodiscard]] std::optional<base::Duration> interval() const noexcept { return interval_; }
    /// Why the service manager that asked cannot be reached; empty: all is well, or nobody asked.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    void send(std::string_view message, int flags) noexcept;

    int socket_ = -1;
    std::optional<base::Duration> interval_;
    std::string problem_;
};

}  // namespace turnpike::monitor
