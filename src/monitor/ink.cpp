#include "monitor/ink.h"

#include <algorithm>
#include <array>

#include "turnpike/base/printable.h"

namespace turnpike::monitor {

Ink ink_of(std::string_view status) noexcept {
    return status == "blocked"        ? Ink::red
           : status == "observed"     ? Ink::green
           : status == "inconclusive" ? Ink::yellow
                                      : Ink::dim;
}

Line& Line::add(std::string text, Ink ink) {
    columns_ += base::columns_of(text);
    pieces_.push_back({std::move(text), ink});
    return *this;
}

Line& Line::tab(std::size_t column) {
    return add(std::string(column > columns_ ? column - columns_ : 1, ' '));
}

std::string Line::render(std::size_t width, bool color) const {
    constexpr std::array<std::string_view, 6> codes{"",         "\x1b[1m",  "\x1b[1;31m",
                                                    "\x1b[32m", "\x1b[33m", "\x1b[2m"};
    std::string result;
    std::size_t left = width;
    for (std::size_t i = 0; i < pieces_.size() && left > 0; ++i) {
        const auto& piece = pieces_[i];
        const std::string text = base::shortened(piece.text, left);
        left -= std::min(left, base::columns_of(text));
        const bool inked = color && piece.ink != Ink::none && !text.empty();
        result += inked ? codes[static_cast<std::size_t>(piece.ink)] : "";
        result += text;
        result += inked ? "\x1b[0m" : "";
    }
    return result;
}

}  // namespace turnpike::monitor
