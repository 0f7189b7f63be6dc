// Where displays write: never waits for the reader, never loses the middle of a line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnpike::monitor {

/// Writes to a descriptor without ever blocking the caller: what the reader does not take now waits
/// in memory, up to a bound. A capture must go on while somebody pauses the terminal or the pager.
/// Make it before the process confines itself: a terminal is opened a second time, so that
/// non-blocking mode binds nobody else who has it open. Needs write and poll afterwards. SIGPIPE
/// must be ignored.
class Outlet {
  public:
    /// `descriptor` is borrowed and must outlive the outlet.
    explicit Outlet(int descriptor);
    ~Outlet();
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    /// Adds a whole piece (a line, a frame). False: no room for it, the piece is dropped and
    /// counted.
    bool add(std::string_view piece);
    /// Writes what the reader takes now. False: there is no reader any more (EPIPE, a terminal that
    /// hung up). A full disk keeps what waits and is tried again with the next call.
    [[nodiscard]] bool flush() noexcept;
    /// Writes what waits, giving the reader `patience`. False: something is left.
    bool drain(std::chrono::milliseconds patience) noexcept;

    /// Whether a piece of `octets` would be taken.
    [[nodiscard]] bool has_room(std::size_t octets) const noexcept {
        return waiting_.size() - written_ + octets <= most_waiting;
    }
    /// Nothing waits.
    [[nodiscard]] bool empty() const noexcept { return written_ == waiting_.size(); }
    /// Pieces that found no room so far.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
    /// The descriptor to ask things of (size of the window).
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Octets that may wait.
    static constexpr std::size_t most_waiting = std::size_t{16} * 1024 * 1024;

  private:
    int descriptor_;
    bool own_ = false;
    bool gone_ = false;
    std::string waiting_;
    std::size_t written_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace turnpike::monitor
