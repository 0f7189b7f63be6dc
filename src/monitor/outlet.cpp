// Writes to a descriptor without blocking, and drops whole pieces when the reader is slow.
#include "turnpike/monitor/outlet.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace turnpike::monitor {
namespace {

using Clock = std::chrono::steady_clock;

// poll(2) calls a pipe writable when a page is free: a piece of no more than PIPE_BUF octets goes
// into it without waiting, although the descriptor blocks (pipe(7)).
constexpr std::size_t piece_size = 4096;

// Another open file of the same terminal: O_NONBLOCK on the one we got would bind the shell, too.
int reopen_terminal(int descriptor) {
    if (::isatty(descriptor) == 0) {
        return -1;
    }
    return ::open(fmt::format("/proc/self/fd/{}", descriptor).c_str(),
                  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

}  // namespace

Outlet::Outlet(int descriptor) : descriptor_(descriptor) {
    if (const int own = reopen_terminal(descriptor); own >= 0) {
        descriptor_ = own;
        own_ = true;
    }
}

Outlet::~Outlet() {
    if (own_) {
        ::close(descriptor_);
    }
}

bool Outlet::add(std::string_view piece) {
    if (!has_room(piece.size())) {
        ++dropped_;
        return false;
    }
    waiting_ += piece;
    return true;
}

bool Outlet::flush() noexcept {
    while (!gone_ && !empty()) {
        pollfd writable{descriptor_, POLLOUT, 0};
        if (::poll(&writable, 1, 0) <= 0) {
            break;
        }
        const std::size_t left = waiting_.size() - written_;
        const ssize_t count = ::write(descriptor_, waiting_.data() + written_,
                                      own_ ? left : std::min(left, piece_size));
        if (count >= 0) {
            written_ += static_cast<std::size_t>(count);
        } else if (errno == EPIPE || errno == EIO || errno == EBADF || errno == ECONNRESET) {
            gone_ = true;
        } else if (errno != EINTR) {
            break;  // takes no more just now, or the disk is full
        }
    }
    if (empty()) {
        waiting_.clear();
        written_ = 0;
    } else if (written_ > most_waiting / 2) {
        waiting_.erase(0, written_);
        written_ = 0;
    }
    return !gone_;
}

bool Outlet::drain(std::chrono::milliseconds patience) noexcept {
    const auto deadline = Clock::now() + patience;
    while (flush() && !empty()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            break;
        }
        pollfd writable{descriptor_, POLLOUT, 0};
        const int ready = ::poll(&writable, 1, static_cast<int>(left.count()));
        if (ready > 0) {
            // A full disk is "writable" and refuses all the same: no busy loop.
            ::poll(nullptr, 0, 1);
        }
    }
    return empty();
}

}  // namespace turnpike::monitor
