// Chooses the display of a live run and passes the state on to it.
#include "app/live_display.h"

#include <unistd.h>

namespace turnpike::app {

LiveDisplay::LiveDisplay(const LiveCommand& command) {
    if (command.judging.quiet) {
        return;
    }
    if (command.json_lines) {
        json_.emplace(STDOUT_FILENO);
        return;
    }
    // A report in another format must stand alone on standard output.
    const int out = command.judging.format == report::Format::text ? STDOUT_FILENO : STDERR_FILENO;
    if (monitor::can_redraw(out)) {
        screen_.emplace(out, monitor::shows_color(out));
    } else {
        lines_.emplace(out, monitor::leads_to_journal(out));
    }
}

void LiveDisplay::update(const monitor::State& state) {
    if (gone_) {
        return;
    }
    bool read = true;
    if (screen_) {
        read = screen_->draw(state);
    } else if (lines_) {
        read = lines_->update(state);
    } else if (json_) {
        read = json_->update(state);
    }
    gone_ = !read;
}

void LiveDisplay::close() noexcept {
    if (screen_) {
        screen_->close();
    } else if (lines_) {
        lines_->close();
    } else if (json_) {
        unwritten_ = !json_->close() && !gone_;
    }
}

}  // namespace turnpike::app
