// Fields of capture files, which are in the byte order of the machine that wrote them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "turnpike/base/cursor.h"
#include "turnpike/base/fields.h"

namespace turnpike::capture {

enum class ByteOrder : std::uint8_t { big, little };

inline std::uint16_t read_u16(base::Cursor& cursor, ByteOrder order) noexcept {
    return order == ByteOrder::little ? cursor.u16_le() : cursor.u16();
}
inline std::uint32_t read_u32(base::Cursor& cursor, ByteOrder order) noexcept {
    return order == ByteOrder::little ? cursor.u32_le() : cursor.u32();
}
inline std::uint64_t read_u64(base::Cursor& cursor, ByteOrder order) noexcept {
    const std::uint64_t value = cursor.u64();
    return order == ByteOrder::little ? __builtin_bswap64(value) : value;
}

/// Fields of a fixed size in an order that the compiler knows, for what every packet has.
template <std::size_t Size, ByteOrder Order>
class FileFields {
  public:
    /// `bytes` must hold at least `Size` octets, and outlive this.
    explicit FileFields(base::Bytes bytes) noexcept : big_(bytes) {}

    /// The four octets there.
    template <std::size_t At>
    [[nodiscard]] std::uint32_t u32() const noexcept {
        const std::uint32_t value = big_.template u32<At>();
        return Order == ByteOrder::little ? __builtin_bswap32(value) : value;
    }

  private:
    base::Fields<Size> big_;
};

}  // namespace turnpike::capture
