// A terminal that a test holds the other end of.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

namespace turnpike::monitor {

class PseudoTerminal {
  public:
    PseudoTerminal(unsigned short width, unsigned short height) {
        winsize size{height, width, 0, 0};
        if (::openpty(&master_, &slave_, nullptr, nullptr, &size) != 0) {
            throw std::runtime_error("no pseudo-terminal to be had");
        }
    }
    ~PseudoTerminal() {
        hang_up();
        ::close(slave_);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    [[nodiscard]] int slave() const noexcept { return slave_; }
    void resize(unsigned short width, unsigned short height) const {
        winsize size{height, width, 0, 0};
        ::ioctl(slave_, TIOCSWINSZ, &size);
    }
    /// What was written so far, at least one octet if any comes within a second.
    [[nodiscard]] std::string read() const {
        std::string text;
        std::array<char, 4096> piece{};
        pollfd readable{master_, POLLIN, 0};
        for (int patience = 1000; ::poll(&readable, 1, patience) > 0; patience = 20) {
            const ssize_t count = ::read(master_, piece.data(), piece.size());
            if (count <= 0) {
                break;
            }
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
        return text;
    }
    void hang_up() noexcept {
        if (master_ >= 0) {
            ::close(master_);
            master_ = -1;
        }
    }

  private:
    int master_ = -1;
    int slave_ = -1;
};

/// Sets an environment variable for the length of a test; nullptr removes it.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* before = std::getenv(name)) {
            before_ = before;
            had_ = true;
        }
        value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    ~Variable() { had_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
    std::string before_;
    bool had_ = false;
};

}  // namespace turnpike::monitor
