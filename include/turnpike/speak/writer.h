// Writes messages octet by octet, in network order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"

namespace turnpike::speak {

using Octets = std::vector<std::uint8_t>;

/// Appends to a message. A length that is only known later is written by `length8` and its like,
/// which fill it in when they go out of scope.
class Writer {
  public:
    /// Fills in the number of octets that were written while it lived.
    class Length {
      public:
        Length(Writer& writer, std::size_t octets);
        ~Length();
        Length(const Length&) = delete;
        Length& operator=(const Length&) = delete;

      private:
        Writer& writer_;
        std::size_t at_;
        std::size_t octets_;
    };

    void u8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
    void u16(unsigned value);
    void u24(std::uint32_t value);
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void bytes(base::Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    void text(std::string_view text) { bytes(base::as_bytes(text)); }
    void zeros(std::size_t count) { out_.resize(out_.size() + count); }
    [[nodiscard]] Length length8() { return {*this, 1}; }
    [[nodiscard]] Length length16() { return {*this, 2}; }
    [[nodiscard]] Length length24() { return {*this, 3}; }

    [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
    [[nodiscard]] Octets take() { return std::move(out_); }
    [[nodiscard]] Octets& octets() noexcept { return out_; }

  private:
    Octets out_;
};

}  // namespace turnpike::speak
