// Writes to standard output and standard error, and says what they lead to.
#include "app/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "turnpike/base/printable.h"

namespace turnpike::app {
namespace {

[[noreturn]] void fail() {
    throw OutputError(std::string("standard output: ") + std::strerror(errno));
}

// File names and the like come from elsewhere: nothing in them may move a terminal's cursor.
void print_line(std::string_view line) noexcept {
    try {
        const auto safe = base::from_catalog(line);
        std::fprintf(stderr, "turnpike: %s\n", safe.c_str());
    } catch (const std::bad_alloc&) {  // then it is a message about that, which is ours
        std::fprintf(stderr, "turnpike: %.*s\n", static_cast<int>(line.size()), line.data());
    }
}

}  // namespace

void write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
        fail();
    }
}

void flush_out() {
    if (std::fflush(stdout) != 0) {
        fail();
    }
}

void print_error(std::string_view message) noexcept {
    std::fflush(stdout);
    while (!message.empty()) {
        const std::size_t end = message.find('\n');
        const std::string_view line = message.substr(0, end);
        if (!line.empty()) {
            print_line(line);
        }
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    }
}

bool output_shows_color() noexcept {
    const char* no_color = std::getenv("NO_COLOR");  // no-color.org: set and not empty
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') &&
           (terminal == nullptr || (*terminal != '\0' && std::strcmp(terminal, "dumb") != 0));
}

std::optional<std::size_t> output_width() noexcept {
    constexpr std::size_t least = 60;
    constexpr std::size_t most = 200;
    winsize window{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 ||
        window.ws_col == 0) {
        return std::nullopt;
    }
    return std::clamp<std::size_t>(window.ws_col, least, most);
}

bool errors_go_to_terminal() noexcept {
    return ::isatty(STDERR_FILENO) != 0;
}

}  // namespace turnpike::app
