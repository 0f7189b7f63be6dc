// Puts colored pieces into a line, and cuts and wraps lines by columns.
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
        result += inked ? sequence_of(piece.ink) : "";
        result += text;
        result += inked ? base::end_of_ink : "";
    }
    return result;
}

std::vector<Line> wrapped(std::string_view text, std::size_t width, std::size_t hang,
                          std::size_t most, Ink ink) {
    std::vector<Line> lines;
    for (auto& line : base::wrapped(text, width, hang, text.empty() ? 0 : most)) {
        lines.emplace_back(std::move(line), ink);
    }
    return lines;
}

}  // namespace turnpike::monitor
