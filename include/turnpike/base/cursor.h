// A bounds-checked reader of big-endian fields whose error sticks: read a whole message, then look
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "turnpike/base/bytes.h"

namespace turnpike::base {

/// Reads fields from the front of an octet view. A read past the end yields zero (or an empty
/// view), reads nothing, and makes `ok()` false for good; every later read yields zero as well. So
/// a decoder may read all fields of a fixed part and ask `ok()` once. Values in network byte order
/// become host integers here and nowhere else.
class Cursor {
  public:
    /// Begins at the first octet of `bytes`, which must outlive the cursor and the views it hands
    /// out.
    constexpr explicit Cursor(Bytes bytes) noexcept : bytes_(bytes) {}

    /// False once a read went past the end or `fail` was called.
    [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }
    /// Nothing is left to read, as also after an error.
    [[nodiscard]] constexpr bool empty() const noexcept { return position_ == bytes_.size(); }
    /// Octets from the front to the cursor; all of them after an error.
    [[nodiscard]] constexpr std::size_t position() const noexcept { return position_; }
    /// Octets from the cursor to the end; 0 after an error.
    [[nodiscard]] constexpr std::size_t remaining() const noexcept {
        return bytes_.size() - position_;
    }
    /// What has not been read yet; does not move the cursor.
    [[nodiscard]] constexpr Bytes rest() const noexcept { return bytes_.subspan(position_); }

    /// The next octet.
    constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(read<1>()); }
    /// The next two octets, big-endian.
    constexpr std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(read<2>()); }
    /// The next three octets, big-endian.
    constexpr std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(read<3>()); }
    /// The next four octets, big-endian.
    constexpr std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(read<4>()); }
    /// The next eight octets, big-endian.
    constexpr std::uint64_t u64() noexcept { return read<8>(); }
    /// Little-endian fields occur in capture files, Linux cooked headers of some hosts and gQUIC.
    constexpr std::uint16_t u16_le() noexcept {
        const auto value = u16();
        return static_cast<std::uint16_t>((value >> 8U) | (value << 8U));
    }
    /// Four octets, little-endian.
    constexpr std::uint32_t u32_le() noexcept { return __builtin_bswap32(u32()); }

    /// The next `count` octets, or an empty view (and a stuck error) if there are fewer.
    constexpr Bytes take(std::size_t count) noexcept {
        if (!need(count)) {
            return {};
        }
        const Bytes taken = bytes_.subspan(position_, count);
        position_ += count;
        return taken;
    }
    /// Moves past `count` octets; fails like `take`.
    constexpr void skip(std::size_t count) noexcept { static_cast<void>(take(count)); }
    /// A field preceded by its own length in one, two or three octets (TLS vectors, RFC 8446 3.4).
    constexpr Bytes take_u8_prefixed() noexcept { return take(u8()); }
    /// The same behind a length of two octets.
    constexpr Bytes take_u16_prefixed() noexcept { return take(u16()); }
    /// The same behind a length of three octets.
    constexpr Bytes take_u24_prefixed() noexcept { return take(u24()); }

    /// An octet ahead of the cursor without reading it; zero past the end, which is no error.
    [[nodiscard]] constexpr std::uint8_t peek(std::size_t offset = 0) const noexcept {
        return offset < remaining() ? bytes_[position_ + offset] : std::uint8_t{0};
    }
    /// Makes the cursor fail, for a decoder that found a contradiction.
    constexpr void fail() noexcept {
        ok_ = false;
        position_ = bytes_.size();
    }

  private:
    constexpr bool need(std::size_t count) noexcept {
        if (count > remaining()) {
            fail();
        }
        return ok_;
    }
    template <std::size_t Width>
    constexpr std::uint64_t read() noexcept {
        if (!need(Width)) {
            return 0;
        }
        const std::uint8_t* const field = bytes_.data() + position_;
        position_ += Width;
        // Written out rather than as a loop, which GCC 12 does not turn into one load and a swap.
        return [field]<std::size_t... I>(std::index_sequence<I...>) {
            std::uint64_t value = 0;
            ((value = (value << 8U) | field[I]), ...);
            return value;
        }(std::make_index_sequence<Width>{});
    }

    Bytes bytes_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace turnpike::base
