// Decodes one character of UTF-8, and refuses what is ill-formed.
#include "turnpike/base/utf8.h"

#include <unistr.h>

namespace turnpike::base {

Utf8Character utf8_character(std::string_view text) noexcept {
    ucs4_t code = 0;
    // Below zero: ill-formed, or cut off in the middle of a character.
    const int octets =
        ::u8_mbtoucr(&code, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return octets < 0 ? Utf8Character{} : Utf8Character{code, static_cast<std::size_t>(octets)};
}

}  // namespace turnpike::base
