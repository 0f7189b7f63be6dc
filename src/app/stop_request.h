// SIGINT and SIGTERM for verbs that end by themselves once they are asked to.
#pragma once

#include <csignal>

namespace turnpike::app {

/// While it lives, the first SIGINT or SIGTERM is noted and calls `stop`, which must be safe in a
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
    struct sigaction old_int_{};
    struct sigaction old_term_{};
    struct sigaction old_hup_{};
    struct sigaction old_pipe_{};
};

}  // namespace turnpike::app
