// Puts colored pieces into a line, and cuts and wraps lines by columns.
#include "monitor/ink.h"

#include <algorithm>
#include <array>

#include "turnpike/base/printable.h"

namespace turnpike::monitor {

Ink ink_of(std::string_view status) noexcept {
    return status == "blocked"        ? Ink::red
           : status == "observed"     ? Ink::cyan
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
                                                    "\x1b[36m", "\x1b[33m", "\x1b[2m"};
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

std::vector<Line> wrapped(std::string_view text, std::size_t width, std::size_t hang,
                          std::size_t most, Ink ink) {
    std::vector<Line> lines;
    std::string indent;
    while (!text.empty() && lines.size() < most) {
        std::size_t end = text.size();
        if (lines.size() + 1 < most && indent.size() + base::columns_of(text) > width) {
            // The last space that leaves a line which fits; without one the line is cut.
            end = text.find_last_not_of(' ');
            do {
                end = text.rfind(' ', end - 1);
            } while (end != std::string_view::npos && end > hang &&
                     indent.size() + base::columns_of(text.substr(0, end)) > width);
            end = end == std::string_view::npos || end <= hang ? text.size() : end;
        }
        lines.emplace_back(indent + std::string(text.substr(0, end)), ink);
        text.remove_prefix(std::min(text.size(), end + 1));
        indent.assign(hang, ' ');
    }
    return lines;
}

}  // namespace turnpike::monitor
