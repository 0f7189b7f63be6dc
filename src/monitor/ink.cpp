#include "monitor/ink.h"

#include <algorithm>

#include "turnpike/base/printable.h"

namespace turnpike::monitor {

Line& Line::add(std::string text, Ink ink) {
    columns_ += base::columns_of(text);
    pieces_.push_back({std::move(text), ink});
    return *this;
}

Line& Line::tab(std::size_t column) {
    return add(std::string(column > columns_ ? column - columns_ : 1, ' '));
}

std::string Line::render(std::size_t width, bool color) const {
    std::string result;
    std::size_t left = width;
    for (std::size_t i = 0; i < pieces_.size() && left > 0; ++i) {
        const auto& piece = pieces_[i];
        const std::string text = base::shortened(piece.text, left);
        left -= std::min(left, base::columns_of(text));
        const bool inked = color && piece.ink != Ink::none && !text.empty();
        result += inked ? base::sgr(piece.ink) : "";
        result += text;
        result += inked ? base::plain : "";
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
