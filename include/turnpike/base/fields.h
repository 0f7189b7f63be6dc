// The fields of a header of fixed size, read by their offsets after one look at the length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "turnpike/base/bytes.h"

namespace turnpike::base {

/// Big-endian fields of the first `Size` octets of a view. The compiler checks every offset, so
/// that headers of every packet need one comparison and not one for each field, as a Cursor does.
template <std::size_t Size>
class Fields {
  public:
    /// Whether the view holds such a header.
    [[nodiscard]] static constexpr bool fit(Bytes bytes) noexcept { return bytes.size() >= Size; }
    /// `bytes` must fit, and outlive this.
    constexpr explicit Fields(Bytes bytes) noexcept : octets_(bytes.data()) {}

    /// The octet there.
    template <std::size_t At>
    [[nodiscard]] constexpr std::uint8_t u8() const noexcept {
        return static_cast<std::uint8_t>(read<At, 1>());
    }
    /// The two octets there.
    template <std::size_t At>
    [[nodiscard]] constexpr std::uint16_t u16() const noexcept {
        return static_cast<std::uint16_t>(read<At, 2>());
    }
    /// The three octets there.
    template <std::size_t At>
    [[nodiscard]] constexpr std::uint32_t u24() const noexcept {
        return static_cast<std::uint32_t>(read<At, 3>());
    }
    /// The four octets there.
    template <std::size_t At>
    [[nodiscard]] constexpr std::uint32_t u32() const noexcept {
        return static_cast<std::uint32_t>(read<At, 4>());
    }
    /// The six octets there, as a number.
    template <std::size_t At>
    [[nodiscard]] constexpr std::uint64_t u48() const noexcept {
        return read<At, 6>();
    }
    /// So many octets from there.
    template <std::size_t At, std::size_t Count>
    [[nodiscard]] constexpr Bytes octets() const noexcept {
        static_assert(At + Count <= Size);
        return Bytes{octets_ + At, Count};
    }

  private:
    template <std::size_t At, std::size_t Width>
    [[nodiscard]] constexpr std::uint64_t read() const noexcept {
        static_assert(At + Width <= Size);
        // Written out rather than as a loop, which GCC 12 does not turn into one load and a swap.
        return [field = octets_ + At]<std::size_t... I>(std::index_sequence<I...>) {
            std::uint64_t value = 0;
            ((value = (value << 8U) | field[I]), ...);
            return value;
        }(std::make_index_sequence<Width>{});
    }

    const std::uint8_t* octets_;
};

}  // namespace turnpike::base
