// The control sequences of colored text, and which status has which color.
#include "turnpike/base/ink.h"

#include <array>
#include <cstddef>

namespace turnpike::base {

std::string_view sequence_of(Ink ink) noexcept {
    static constexpr std::array<std::string_view, 6> sequences{"",         "\x1b[1m",  "\x1b[1;31m",
                                                               "\x1b[36m", "\x1b[33m", "\x1b[2m"};
    return sequences[static_cast<std::size_t>(ink)];
}

Ink ink_of_status(std::string_view status) noexcept {
    return status == "blocked"        ? Ink::red
           : status == "observed"     ? Ink::cyan
           : status == "inconclusive" ? Ink::yellow
                                      : Ink::dim;
}

}  // namespace turnpike::base
