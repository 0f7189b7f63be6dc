// Draws the screen on a terminal, and gives the old one back at the end.
#include "turnpike/monitor/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace turnpike::monitor {
namespace {

// xterm's alternate screen with the cursor saved (1049), no wrapping at the right edge (7,
// DECAWM), no cursor (25, DECTCEM); everything the terminals of today share.
constexpr std::string_view open_screen = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J";
constexpr std::string_view close_screen = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l";
constexpr auto terminal_patience = std::chrono::milliseconds{300};

bool dumb() noexcept {
    const char* const terminal = std::getenv("TERM");
    return terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
}

struct Size {
    std::size_t width = 80;
    std::size_t height = 24;
};

Size size_of(int descriptor) noexcept {
    winsize window{};
    if (::ioctl(descriptor, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) {
        return {};  // a serial line does not know
    }
    return {window.ws_col, window.ws_row};
}

}  // namespace

bool can_redraw(int descriptor) noexcept {
    return ::isatty(descriptor) != 0 && !dumb();
}

bool shows_color(int descriptor) noexcept {
    const char* const no_color = std::getenv("NO_COLOR");
    return can_redraw(descriptor) && (no_color == nullptr || *no_color == '\0');
}

TerminalDisplay::TerminalDisplay(int descriptor, bool color) : outlet_(descriptor), color_(color) {}

TerminalDisplay::~TerminalDisplay() {
    close();
}

bool TerminalDisplay::draw(const State& state) {
    recollection_.add(state);
    if (!outlet_.flush()) {
        return false;
    }
    if (!outlet_.empty()) {
        return true;  // half of an older frame still waits: this one is left out
    }
    const auto [width, height] = size_of(outlet_.descriptor());
    std::string frame;
    if (!open_) {
        frame += open_screen;
        open_ = true;
    } else if (width != width_ || height != height_) {
        frame += "\x1b[2J";  // what the terminal made of the old frame is anybody's guess
    }
    width_ = width;
    height_ = height;
    frame += "\x1b[H";
    const auto lines = render_screen(state, recollection_, width, height, color_);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        // Erased first and then written: after a full line the cursor still stands on its last
        // character, which erasing to the end would take away.
        frame += i == 0 ? "\x1b[K" : "\r\n\x1b[K";
        frame += lines[i];
    }
    if (lines.size() < height) {
        frame += "\r\n\x1b[J";
    }
    outlet_.add(frame);
    return outlet_.flush();
}

void TerminalDisplay::close() noexcept {
    if (open_) {
        open_ = false;
        outlet_.add(close_screen);
        outlet_.drain(terminal_patience);
    }
}

}  // namespace turnpike::monitor
