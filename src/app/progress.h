// The line that shows on a terminal how far a long reading is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "turnpike/capture/source.h"

namespace turnpike::app {

/// "45 %  1.2 of 2.6 GB  1,234,567 packets/s  12 s left": what is not known is left out.
std::string progress_line(const capture::Progress& progress, std::uint64_t packets,
                          std::chrono::nanoseconds elapsed);

/// Redraws one line on standard error, at most ten times a second; silent unless `shown`.
class ProgressLine {
  public:
    explicit ProgressLine(bool shown) noexcept;
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void update(const capture::Progress& progress, std::uint64_t packets);
    /// Removes the line, so that other text may follow.
    void clear() noexcept;

  private:
    using Clock = std::chrono::steady_clock;
    bool shown_;
    bool drawn_ = false;
    Clock::time_point started_;
    Clock::time_point next_;
};

}  // namespace turnpike::app
