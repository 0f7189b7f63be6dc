// The control sequences of colored text, and which status has which color.
#include "turnpike/base/ink.h"

#include <array>
#include <cstddef>

namespace turnpike::base {

// Of the 256 colors of xterm's cube, for those are the same on every terminal, where a theme's own
// yellow and cyan vanish on white: the contrast of each is 3.8 to 5.5 with black and with white.
// Vermilion, blue and purple stay apart for color-blind people; what is bad is bold besides.
std::string_view sequence_of(Ink ink) noexcept {
    static constexpr std::array<std::string_view, 6> sequences{
        "", "\x1b[1m", "\x1b[1;38;5;166m", "\x1b[38;5;32m", "\x1b[38;5;97m", "\x1b[2m"};
    return sequences[static_cast<std::size_t>(ink)];
}

Ink ink_of_status(std::string_view status) noexcept {
    return status == "blocked"        ? Ink::bad
           : status == "observed"     ? Ink::good
           : status == "inconclusive" ? Ink::unsure
                                      : Ink::dim;
}

}  // namespace turnpike::base
