// Fields of capture files, which are in the byte order of the machine that wrote them.
#pragma once

#include <cstdint>

#include "turnpike/base/cursor.h"

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

}  // namespace turnpike::capture
