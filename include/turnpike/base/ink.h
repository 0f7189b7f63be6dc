// The colors of what is shown on a terminal.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnpike::base {

/// What a color says; the words beside it always say the same.
enum class Ink : std::uint8_t { none, bold, bad, good, unsure, dim };

/// The SGR sequence (ECMA-48 8.3.117) that begins an ink; empty for `none`. Of the 256 colors of
/// xterm's cube, for those are the same on every terminal, where a theme's yellow and cyan vanish
/// on white: each has a contrast of 3.8 to 5.5 with black and with white. Vermilion, blue and
/// purple stay apart for color-blind people, and what is bad is bold besides.
constexpr std::string_view sgr(Ink ink) noexcept {
    switch (ink) {
        case Ink::none:
            return "";
        case Ink::bold:
            return "\x1b[1m";
        case Ink::bad:
            return "\x1b[1;38;5;166m";
        case Ink::good:
            return "\x1b[38;5;32m";
        case Ink::unsure:
            return "\x1b[38;5;97m";
        case Ink::dim:
            return "\x1b[2m";
    }
    return "";
}

/// Ends every ink.
inline constexpr std::string_view plain = "\x1b[0m";

/// The color of a requirement's status.
constexpr Ink ink_of_status(std::string_view status) noexcept {
    return status == "blocked"        ? Ink::bad
           : status == "observed"     ? Ink::good
           : status == "inconclusive" ? Ink::unsure
                                      : Ink::dim;
}

}  // namespace turnpike::base
