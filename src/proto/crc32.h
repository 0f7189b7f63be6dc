// The CRC-32 of ISO/IEC 3309, as STUN's FINGERPRINT uses it (RFC 8489 14.7).
#pragma once

#include <array>
#include <cstdint>

#include "turnpike/base/bytes.h"

namespace turnpike::proto {

namespace detail {

// Slicing by four: table[k][b] is the CRC of octet b followed by k zero octets.
using Crc32Tables = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Crc32Tables make_crc32_tables() noexcept {
    constexpr std::uint32_t polynomial = 0xedb88320;  // reflected 0x04c11db7
    Crc32Tables tables{};
    for (std::uint32_t octet = 0; octet < 256; ++octet) {
        std::uint32_t crc = octet;
        for (unsigned bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? polynomial : 0U);
        }
        tables[0][octet] = crc;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t octet = 0; octet < 256; ++octet) {
            const std::uint32_t shorter = tables[k - 1][octet];
            tables[k][octet] = (shorter >> 8U) ^ tables[0][shorter & 0xffU];
        }
    }
    return tables;
}

inline constexpr Crc32Tables crc32_tables = make_crc32_tables();

}  // namespace detail

constexpr std::uint32_t crc32(base::Bytes bytes) noexcept {
    const auto& table = detail::crc32_tables;
    std::uint32_t crc = 0xffffffff;
    std::size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
        crc = table[3][(crc ^ bytes[i]) & 0xffU] ^ table[2][((crc >> 8U) ^ bytes[i + 1]) & 0xffU] ^
              table[1][((crc >> 16U) ^ bytes[i + 2]) & 0xffU] ^
              table[0][((crc >> 24U) ^ bytes[i + 3]) & 0xffU];
    }
    for (; i < bytes.size(); ++i) {
        crc = (crc >> 8U) ^ table[0][(crc ^ bytes[i]) & 0xffU];
    }
    return ~crc;
}

}  // namespace turnpike::proto
