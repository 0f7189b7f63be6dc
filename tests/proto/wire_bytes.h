// Bytes of test messages, written as hexadecimal rows.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto::test {

/// "00 01 ff" and so on; blanks and line breaks are ignored.
inline std::vector<std::uint8_t> wire(std::string_view hex) {
    std::vector<std::uint8_t> bytes;
    int high = -1;
    for (const char character : hex) {
        if (character == ' ' || character == '\n') {
            continue;
        }
        const std::string_view digits = "0123456789abcdef";
        const auto value = digits.find(character);
        if (value == std::string_view::npos) {
            throw std::invalid_argument("not a hexadecimal digit");
        }
        if (high < 0) {
            high = static_cast<int>(value);
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high * 16 + static_cast<int>(value)));
            high = -1;
        }
    }
    return bytes;
}

/// A copy with one octet changed.
inline std::vector<std::uint8_t> with(std::vector<std::uint8_t> bytes, std::size_t at,
                                      std::uint8_t value) {
    bytes.at(at) = value;
    return bytes;
}

/// Concatenation.
inline std::vector<std::uint8_t> operator+(std::vector<std::uint8_t> a,
                                           const std::vector<std::uint8_t>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// Every proper prefix of the first `size` octets fails with `truncated` and nothing worse. Each is
/// a copy of its own, so that a sanitizer sees any read past its end.
template <typename Decode>
void every_prefix_is_truncated(const std::vector<std::uint8_t>& bytes, std::size_t size,
                               Decode decode) {
    for (std::size_t length = 0; length < size; ++length) {
        const std::vector<std::uint8_t> prefix(bytes.begin(),
                                               bytes.begin() + static_cast<std::ptrdiff_t>(length));
        const auto result = decode(base::Bytes{prefix});
        ASSERT_FALSE(result.has_value()) << "prefix of " << length;
        EXPECT_EQ(result.error(), base::ParseError::truncated) << "prefix of " << length;
    }
}

}  // namespace turnpike::proto::test
