// Colored text that knows how many columns it takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ink.h"

namespace turnpike::monitor {

using base::Ink;

/// A line of a screen, made of pieces. Text must be safe to print.
class Line {
  public:
    Line() = default;
    explicit Line(std::string text, Ink ink = Ink::none) { add(std::move(text), ink); }

    Line& add(std::string text, Ink ink = Ink::none);
    /// Spaces up to `column`, or one space if that is passed already.
    Line& tab(std::size_t column);
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    /// Cut to `width` columns.
    [[nodiscard]] std::string render(std::size_t width, bool color) const;

  private:
    struct Piece {
        std::string text;
        Ink ink;
    };
    std::vector<Piece> pieces_;
    std::size_t columns_ = 0;
};

/// Text in at most `most` lines of `width` columns, broken at spaces; lines after the first begin
/// at column `hang`. What does not fit the last line is cut.
std::vector<Line> wrapped(std::string_view text, std::size_t width, std::size_t hang,
                          std::size_t most, Ink ink);

}  // namespace turnpike::monitor
