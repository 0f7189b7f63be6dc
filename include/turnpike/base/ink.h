// Colors of text on a terminal: the same for the report and for the screen of a live run.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnpike::base {

/// What a color says; the words beside it always say the same.
enum class Ink : std::uint8_t {
    none,    ///< as the terminal shows text by itself
    bold,    ///< headings, and what to do
    bad,     ///< what is blocked or fails
    good,    ///< what works
    unsure,  ///< what is in doubt
    dim,     ///< what matters least
};

/// The control sequence that begins it (SGR, ECMA-48 8.3.117); "" for none.
std::string_view sequence_of(Ink ink) noexcept;
/// Ends every ink.
inline constexpr std::string_view end_of_ink = "\x1b[0m";

/// The color of a requirement's status; dim for one that says nothing.
Ink ink_of_status(std::string_view status) noexcept;

}  // namespace turnpike::base
