// The signals of a live run: SIGINT and SIGTERM end it, SIGHUP reads the catalog again, SIGUSR1
// prints the state.
#pragma once

#include <csignal>
#include <functional>
#include <span>
#include <vector>

namespace turnpike::capture {
class Source;
}

namespace turnpike::app {

/// While it lives, the four signals are noted and SIGPIPE is ignored. One at a time. A second
/// SIGINT or SIGTERM ends the process, for whoever insists.
class LiveSignals {
  public:
    /// The sources are asked to stop from within the handler of SIGINT and SIGTERM.
    explicit LiveSignals(std::span<capture::Source* const> sources);
    ~LiveSignals();
    LiveSignals(const LiveSignals&) = delete;
    LiveSignals& operator=(const LiveSignals&) = delete;

    /// Whether the signal came since this was last asked.
    [[nodiscard]] static bool take_hangup() noexcept;
    [[nodiscard]] static bool take_user1() noexcept;
    [[nodiscard]] static bool ended() noexcept;

  private:
    void handle(int signal, void (*handler)(int), int flags);

    struct Former {
        int signal;
        struct sigaction action;
    };
    std::vector<Former> former_;
};

}  // namespace turnpike::app
