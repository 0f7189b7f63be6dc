// A pipe whose ends a test may close.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace turnpike::monitor {

class Pipe {
  public:
    Pipe() {
        std::signal(SIGPIPE, SIG_IGN);
        static_cast<void>(!::pipe2(ends_.data(), O_CLOEXEC));
    }
    ~Pipe() {
        close_reader();
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    [[nodiscard]] int writer() const noexcept { return ends_[1]; }
    void close_reader() noexcept {
        if (ends_[0] >= 0) {
            ::close(ends_[0]);
            ends_[0] = -1;
        }
    }
    /// What is in the pipe now.
    [[nodiscard]] std::string read() const {
        std::string text;
        std::array<char, 4096> piece{};
        pollfd readable{ends_[0], POLLIN, 0};
        while (::poll(&readable, 1, 0) > 0) {
            const ssize_t count = ::read(ends_[0], piece.data(), piece.size());
            if (count <= 0) {
                break;
            }
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

  private:
    std::array<int, 2> ends_{-1, -1};
};

}  // namespace turnpike::monitor
