#include "store/stored_text.h"

#include <algorithm>
#include <cstdint>

namespace turnpike::store {
namespace {

constexpr bool plain(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

constexpr std::uint8_t octet(char c) noexcept {
    return static_cast<std::uint8_t>(c);
}

// Length of the well-formed UTF-8 sequence at the front (RFC 3629 4), 0 if there is none. The C1
// control characters U+0080 to U+009F count as ill-formed: terminals obey them.
std::size_t sequence_length(std::string_view text) noexcept {
    const std::uint8_t lead = octet(text[0]);
    const auto tail = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
        return i < text.size() && octet(text[i]) >= low && octet(text[i]) <= high;
    };
    if (plain(text[0])) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return tail(1, lead == 0xc2 ? 0xa0 : 0x80, 0xbf) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const std::uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;   // overlong forms
        const std::uint8_t high = lead == 0xed ? 0x9f : 0xbf;  // surrogates
        return tail(1, low, high) && tail(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const std::uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;  // beyond U+10FFFF
        return tail(1, low, high) && tail(2, 0x80, 0xbf) && tail(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string_view stored_text(std::string_view text, std::string& buffer) {
    if (std::ranges::all_of(text, plain)) {
        return text;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    buffer.clear();
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length != 0) {
            buffer += text.substr(0, length);
        } else {
            buffer += "\\x";
            buffer += digits[octet(text[0]) >> 4U];
            buffer += digits[octet(text[0]) & 0xfU];
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return buffer;
}

}  // namespace turnpike::store
