// Numbers as SQLite writes them into its pages.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace turnpike::store {

inline std::uint32_t big_endian_32(const std::uint8_t* at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

inline void put_big_endian_16(std::uint16_t value, std::uint8_t* at) noexcept {
    value = std::endian::native == std::endian::little ? __builtin_bswap16(value) : value;
    std::memcpy(at, &value, sizeof value);
}

inline void put_big_endian_32(std::uint32_t value, std::uint8_t* at) noexcept {
    value = std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
    std::memcpy(at, &value, sizeof value);
}

inline std::uint64_t to_big_endian(std::uint64_t value) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

/// Longest variable-length integer (sqlite.org/fileformat2.html 1.6).
inline constexpr std::size_t longest_varint = 9;

/// Writes a variable-length integer of up to 63 bits; returns where it ends.
inline std::uint8_t* put_varint(std::uint64_t value, std::uint8_t* at) noexcept {
    if (value < 0x80) {
        *at = static_cast<std::uint8_t>(value);
        return at + 1;
    }
    const int bits = 64 - std::countl_zero(value);
    if (bits > 56) {  // the ninth octet holds eight bits
        *(at + 8) = static_cast<std::uint8_t>(value);
        value >>= 8U;
        for (int i = 7; i >= 0; --i) {
            at[i] = static_cast<std::uint8_t>(value | 0x80U);
            value >>= 7U;
        }
        return at + 9;
    }
    const int count = (bits + 6) / 7;
    for (int i = count - 1; i >= 0; --i) {
        at[i] = static_cast<std::uint8_t>((value & 0x7fU) | (i == count - 1 ? 0U : 0x80U));
        value >>= 7U;
    }
    return at + count;
}

inline std::size_t varint_size(std::uint64_t value) noexcept {
    const int bits = 64 - std::countl_zero(value | 1U);
    return bits > 56 ? longest_varint : static_cast<std::size_t>(bits + 6) / 7;
}

}  // namespace turnpike::store
