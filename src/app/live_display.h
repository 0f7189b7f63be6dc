// Where a live run shows itself: a screen, lines, JSON lines, or nothing.
#pragma once

#include <memory>
#include <optional>

#include "app/command_line.h"
#include "turnpike/monitor/lines.h"
#include "turnpike/monitor/terminal.h"

namespace turnpike::app {

/// One of the displays, as the command line and standard output ask for. To be made before the
/// process confines itself.
class LiveDisplay {
  public:
    explicit LiveDisplay(const LiveCommand& command);

    /// Shows what is new. A reader that went away is noted once and not written to any more.
    void update(const monitor::State& state);
    /// Gives the terminal back and writes what waits; before anything else is printed.
    void close() noexcept;
    /// The terminal was closed, or the program that read objects ended. Lines are for logs, which
    /// may break off while the run goes on.
    [[nodiscard]] bool nobody_left() const noexcept { return gone_ && !lines_; }
    /// After `close`: objects are left that standard output did not take.
    [[nodiscard]] bool unwritten() const noexcept { return unwritten_; }

  private:
    std::optional<monitor::TerminalDisplay> screen_;
    std::optional<monitor::LineDisplay> lines_;
    std::optional<monitor::JsonLines> json_;
    bool gone_ = false;
    bool unwritten_ = false;
};

}  // namespace turnpike::app
