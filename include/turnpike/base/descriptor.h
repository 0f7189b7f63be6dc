// A file descriptor that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace turnpike::base {

/// Owns the number of an open file, or none (-1).
class Descriptor {
  public:
    Descriptor() noexcept = default;
    /// Takes over an open file, which is closed with this; -1 (or any negative number, as system
    /// calls return it on error) is none.
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    /// The number, still owned by this; negative if there is none.
    [[nodiscard]] int get() const noexcept { return number_; }
    /// Gives the number away: it is the caller's to close.
    int release() noexcept { return std::exchange(number_, -1); }
    /// True if there is an open file.
    explicit operator bool() const noexcept { return number_ >= 0; }

  private:
    int number_ = -1;
};

}  // namespace turnpike::base
