// A vendor's document as lines: Markdown and HTML without their markup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::catalog {

struct DocumentLine {
    enum class Kind : std::uint8_t { heading, row, text };
    std::size_t number = 0;  ///< in the input; several lines may stand in one line of HTML
    Kind kind = Kind::text;
    unsigned level = 0;              ///< of a heading: 1 is the title
    std::string text;                ///< without markup; the cells of a row joined by blanks
    std::vector<std::string> cells;  ///< of a row, trimmed
};

/// The lines that say something: no front matter, no rulers, no template tags.
std::vector<DocumentLine> document_lines(std::string_view input);

}  // namespace turnpike::catalog
