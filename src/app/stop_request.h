// SIGINT, SIGTERM and SIGHUP for verbs that end by themselves once they are asked to.
#pragma once

#include <csignal>
#include <optional>

#include "app/stop_signals.h"

namespace turnpike::app {

/// While it lives, the first of the StopSignals is noted and calls `stop`, which must be safe in a
/// signal handler; a second one ends the program. SIGPIPE is ignored. One at a time.
class StopRequest {
  public:
    /// `stop` may be null.
    explicit StopRequest(void (*stop)(void*) noexcept = nullptr, void* of = nullptr);
    ~StopRequest();
    StopRequest(const StopRequest&) = delete;
    StopRequest& operator=(const StopRequest&) = delete;

    [[nodiscard]] static bool came() noexcept;

  private:
    std::optional<StopSignals> signals_;  ///< set once there is something to stop
    struct sigaction old_pipe_{};
};

}  // namespace turnpike::app
