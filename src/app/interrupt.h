// SIGINT and SIGTERM: the first one asks the source to end, a second one ends the program.
#pragma once

#include <csignal>

#include "turnpike/capture/source.h"

namespace turnpike::app {

/// While it lives, SIGINT and SIGTERM stop the source instead of the program. One at a time.
class InterruptGuard {
  public:
    explicit InterruptGuard(capture::Source& source);
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    [[nodiscard]] static bool interrupted() noexcept;

  private:
    struct sigaction old_int_{};
    struct sigaction old_term_{};
    struct sigaction old_hup_{};
};

}  // namespace turnpike::app
