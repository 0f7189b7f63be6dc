// The signals by which somebody asks the program to end.
#pragma once

#include <array>
#include <csignal>

namespace turnpike::app {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP calls `handler`, and a second one meets the
/// default action: whoever insists gets the program ended. A SIGHUP that is ignored stays so, as
/// nohup(1) wants it. Reads of a pipe are not restarted.
class StopSignals {
  public:
    explicit StopSignals(void (*handler)(int)) noexcept;
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

  private:
    std::array<struct sigaction, 3> before_{};
};

}  // namespace turnpike::app
