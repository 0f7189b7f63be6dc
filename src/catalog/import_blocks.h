// A vendor's page as blocks: headings, texts, list items and tables, without markup, each with the
// line it stands in. HTML is read by libxml2, Markdown by cmark-gfm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace turnpike::catalog {

struct DocumentCell {
    std::string text;                  ///< its lines parted by '\n'
    std::vector<std::string> anchors;  ///< where its links lead within the page
    bool heads = false;                ///< marked as a head
    bool spans = false;                ///< begins left of here and reaches over this column, too
};

struct DocumentRow {
    std::size_t line = 0;
    std::vector<DocumentCell> cells;  ///< every column of the table: spans are filled in
};

struct DocumentBlock {
    enum class Kind : std::uint8_t { heading, text, item, table };
    Kind kind = Kind::text;
    std::size_t line = 0;
    unsigned level = 0;      ///< of a heading: 1 is the title; of an item: its depth
    bool continues = false;  ///< of an item: not the first text in it
    std::string text;        ///< its lines parted by '\n'
    std::vector<DocumentRow> rows;
};

struct DocumentPage {
    std::string title;  ///< what the page calls itself
    std::string day;    ///< "2020-09-15" where the front matter says when it was written
    std::vector<DocumentBlock> blocks;
};

/// `file` is the name of the input: .html and .htm are HTML, others by what they begin with.
/// Throws base::Error (bad_input) for what is no text, or nested too deeply to read.
DocumentPage read_page(const std::string& text, const std::string& file);

/// The same, each from its own language.
DocumentPage read_html(const std::string& html, const std::string& file);
DocumentPage read_markdown(const std::string& markdown, const std::string& file);

/// The comment by which read_markdown() tells read_html() where raw HTML stands: "<!--line 12-->".
std::string line_mark(std::size_t line);

}  // namespace turnpike::catalog
