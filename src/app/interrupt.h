// SIGINT, SIGTERM and SIGHUP: the first one asks the source to end, a second one ends the program.
#pragma once

#include <optional>

#include "app/stop_signals.h"
#include "turnpike/capture/source.h"

namespace turnpike::app {

/// While it lives, StopSignals stop the source instead of the program. One at a time.
class InterruptGuard {
  public:
    explicit InterruptGuard(capture::Source& source);
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    [[nodiscard]] static bool interrupted() noexcept;

  private:
    std::optional<StopSignals> signals_;  ///< set once there is a source to stop
};

}  // namespace turnpike::app
