// Decodes one character of UTF-8, and refuses what is ill-formed.
#include "turnpike/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace turnpike::base {
namespace {

constexpr bool continuation(char c) noexcept {
    return (static_cast<std::uint8_t>(c) & 0xc0U) == 0x80U;
}

}  // namespace

Utf8Character utf8_character(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xc2U && lead <= 0xdfU   ? 2
                               : lead >= 0xe0U && lead <= 0xefU ? 3
                               : lead >= 0xf0U && lead <= 0xf4U ? 4
                                                                : 0;
    if (length == 0 || text.size() < length ||
        !std::ranges::all_of(text.substr(1, length - 1), continuation)) {
        return {};
    }
    char32_t code = lead & (0xffU >> (length + 1));
    for (const char c : text.substr(1, length - 1)) {
        code = (code << 6U) | (static_cast<std::uint8_t>(c) & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return overlong || surrogate || code > 0x10ffff ? Utf8Character{} : Utf8Character{code, length};
}

}  // namespace turnpike::base
