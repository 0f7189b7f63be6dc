// UTF-8, decoded in one place (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace turnpike::base {

/// A character and the octets that it takes.
struct Utf8Character {
    char32_t code = 0;
    std::size_t octets = 0;  ///< 0: the text begins with no well-formed character
};

/// The character at the front of the text, which is not empty. Overlong forms, surrogates and what
/// lies beyond U+10FFFF are ill-formed (RFC 3629 3, 4).
Utf8Character utf8_character(std::string_view text) noexcept;

}  // namespace turnpike::base
