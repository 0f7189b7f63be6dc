// Writes messages octet by octet, in network order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"

namespace turnpike::speak {

/// A message, or part of one, that its holder owns.
using Octets = std::vector<std::uint8_t>;

/// Appends to a message. A length that is only known later is written by `length8` and its like,
/// which fill it in when they go out of scope.
class Writer {
  public:
    /// Fills in the number of octets that were written while it lived.
    class Length {
      public:
        /// Makes room for a length of `octets` octets at the writer's end; the writer must outlive
        /// this.
        Length(Writer& writer, std::size_t octets);
        ~Length();
        Length(const Length&) = delete;
        Length& operator=(const Length&) = delete;

      private:
        Writer& writer_;
        std::size_t at_;
        std::size_t octets_;
    };

    /// One octet; higher bits of `value` are cut off.
    void u8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
    /// Two octets, the higher one first; higher bits are cut off.
    void u16(unsigned value);
    /// Three octets, the highest one first; higher bits are cut off.
    void u24(std::uint32_t value);
    /// Four octets, the highest one first.
    void u32(std::uint32_t value);
    /// Octets as they are.
    void bytes(base::Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    /// The octets of a text, without an end mark.
    void text(std::string_view text) { bytes(base::as_bytes(text)); }
    /// `count` octets of zero, such as padding.
    void zeros(std::size_t count) { out_.resize(out_.size() + count); }
    /// One octet that becomes the number of octets written while the returned value lives.
    [[nodiscard]] Length length8() { return {*this, 1}; }
    /// The same in two octets.
    [[nodiscard]] Length length16() { return {*this, 2}; }
    /// The same in three octets.
    [[nodiscard]] Length length24() { return {*this, 3}; }

    /// Octets written so far.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
    /// Gives the message away; the writer is not to be used again.
    [[nodiscard]] Octets take() { return std::move(out_); }
    /// What was written, to be changed in place.
    [[nodiscard]] Octets& octets() noexcept { return out_; }

  private:
    Octets out_;
};

}  // namespace turnpike::speak
