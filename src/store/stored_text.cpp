// Escapes what is ill-formed or a control before a text is stored.
#include "store/stored_text.h"

#include <algorithm>
#include <cstdint>

#include "turnpike/base/utf8.h"

namespace turnpike::store {
namespace {

constexpr bool plain(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

constexpr std::uint8_t octet(char c) noexcept {
    return static_cast<std::uint8_t>(c);
}

// Octets of the character at the front; 0 if it is ill-formed or a control. The C1 controls count:
// terminals obey them.
std::size_t fit_octets(std::string_view text) noexcept {
    const auto character = base::utf8_character(text);
    const bool control =
        character.code < 0x20 || (character.code >= 0x7f && character.code <= 0x9f);
    return control ? 0 : character.octets;
}

}  // namespace

std::string_view stored_text(std::string_view text, std::string& buffer) {
    if (std::ranges::all_of(text, plain)) {
        return text;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    buffer.clear();
    while (!text.empty()) {
        const std::size_t length = fit_octets(text);
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
