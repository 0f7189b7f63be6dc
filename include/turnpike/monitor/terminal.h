// The display on a terminal: one screen, redrawn in place each second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "turnpike/monitor/outlet.h"
#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// What a screen shows that a State of one second does not hold: rates and what happened lately.
class Recollection {
  public:
    /// What happened.
    enum class Kind : std::uint8_t {
        change_to_blocked,  ///< a row is blocked now
        change,             ///< a row has another status
        notice,             ///< something about the run itself
    };
    /// The counters as they were at a time.
    struct Sample {
        base::Timestamp time;
        Counters counters;
    };
    /// One line of the list of what happened.
    struct Event {
        base::Timestamp time;
        Kind kind = Kind::notice;
        std::string text;      ///< safe to print
        std::string evidence;  ///< safe to print; empty for notices
    };

    /// Takes in the next State.
    void add(const State& state);
    /// Counters of the last seconds, the oldest first.
    [[nodiscard]] const std::deque<Sample>& samples() const noexcept { return samples_; }
    /// The newest last; a bounded number.
    [[nodiscard]] const std::deque<Event>& events() const noexcept { return events_; }

  private:
    std::deque<Sample> samples_;
    std::deque<Event> events_;
};

/// The screen as at most `height` lines of at most `width` columns, safe to print, without line
/// ends; with `color`, SGR codes (ECMA-48 8.3.117) around the words they color. Pure.
std::vector<std::string> render_screen(const State& state, const Recollection& recollection,
                                       std::size_t width, std::size_t height, bool color);

/// Whether a screen can be redrawn in place on `descriptor`: a terminal whose TERM is not "dumb".
bool can_redraw(int descriptor) noexcept;
/// Whether `descriptor` should get colors: a terminal, TERM not "dumb", NO_COLOR not set
/// (no-color.org).
bool shows_color(int descriptor) noexcept;

/// Draws on the alternate screen, as top and less do: what was on the terminal before comes back
/// with `close`, and the report that follows stays in the scrollback. Make it before the process
/// confines itself; needs write, poll and ioctl(TIOCGWINSZ) afterwards. The size is asked at each
/// frame, so no SIGWINCH is needed.
class TerminalDisplay {
  public:
    /// `descriptor` is a terminal, borrowed. Nothing is written before the first `draw`.
    TerminalDisplay(int descriptor, bool color);
    ~TerminalDisplay();
    TerminalDisplay(const TerminalDisplay&) = delete;
    TerminalDisplay& operator=(const TerminalDisplay&) = delete;

    /// Shows the state. A terminal that takes nothing just now (Ctrl-S, a slow line) misses frames.
    /// False: the terminal is gone.
    [[nodiscard]] bool draw(const State& state);
    /// Gives the terminal back as it was: cursor, wrapping, screen. To be called before anything
    /// else is printed; a later `draw` opens the screen again (suspend and continue).
    void close() noexcept;

  private:
    Outlet outlet_;
    bool color_;
    bool open_ = false;
    std::size_t width_ = 0;
    std::size_t height_ = 0;
    Recollection recollection_;
};

}  // namespace turnpike::monitor
