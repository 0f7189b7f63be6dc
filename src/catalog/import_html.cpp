// HTML (https://html.spec.whatwg.org/) as blocks, by libxml2. What no reader of the page sees
// (scripts, styles, comments, struck text) is left out.
#include <fmt/core.h>
#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "catalog/import_blocks.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/error.h"

namespace turnpike::catalog {
namespace {

// A page of a few octets must not grow to gigabytes by its spans.
constexpr std::size_t most_columns = 60;
constexpr std::size_t most_cells = 200'000;

constexpr std::string_view mark_begin = "line ";

std::string_view text_of_node(const xmlChar* text) {
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string_view name_of(const xmlNode* node) {
    return node->type == XML_ELEMENT_NODE ? text_of_node(node->name) : std::string_view();
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_unseen(std::string_view name) {
    static constexpr std::array<std::string_view, 14> names{
        "script", "style", "template", "noscript", "head", "del",    "s",
        "strike", "svg",   "iframe",   "object",   "math", "select", "textarea"};
    return is_one_of(name, names);
}

bool is_block(std::string_view name) {
    static constexpr std::array<std::string_view, 34> names{
        "html",  "body",  "p",     "div",     "section", "article", "main",      "header", "footer",
        "nav",   "aside", "ul",    "ol",      "li",      "dl",      "dt",        "dd",     "pre",
        "table", "thead", "tbody", "tfoot",   "tr",      "caption", "h1",        "h2",     "h3",
        "h4",    "h5",    "h6",    "details", "summary", "figure",  "blockquote"};
    return is_one_of(name, names);
}

unsigned heading_level(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
               ? static_cast<unsigned>(name[1] - '0')
               : 0;
}

std::string attribute(const xmlNode* node, const char* name) {
    const std::unique_ptr<xmlChar, void (*)(void*)> value(
        xmlGetProp(node, reinterpret_cast<const xmlChar*>(name)), xmlFree);
    return std::string(text_of_node(value.get()));
}

// The first number of "12:1-12:40".
std::optional<std::size_t> number_at_front(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end != text.data() ? std::optional(number) : std::nullopt;
}

bool has_below(const xmlNode* node, std::string_view name) {
    for (const auto* child = node->children; child != nullptr; child = child->next) {
        if (name_of(child) == name || has_below(child, name)) {
            return true;
        }
    }
    return false;
}

/// The text of inline content: blanks folded, '\n' only where the page breaks the line.
class InlineText {
  public:
    void add(std::string_view text, bool as_it_is) {
        for (const char c : text) {
            const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
            if (as_it_is && c == '\n') {
                break_line();
            } else if (blank) {
                blank_ = blank_ || (!text_.empty() && text_.back() != '\n');
            } else {
                flush();
                text_ += c;
            }
        }
    }
    void break_line() {
        blank_ = false;
        if (!text_.empty() && text_.back() != '\n') {
            text_ += '\n';
        }
    }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    std::string take() {
        blank_ = false;
        while (text_.ends_with('\n')) {
            text_.pop_back();
        }
        return std::exchange(text_, {});
    }

  private:
    void flush() {
        text_ += blank_ ? " " : "";
        blank_ = false;
    }
    std::string text_;
    bool blank_ = false;
};

class PageReader {
  public:
    PageReader(DocumentPage& page, std::string file) : page_(page), file_(std::move(file)) {}

    void read(const xmlNode* node) {
        walk(node);
        end_text();
    }

  private:
    void walk(const xmlNode* node) {
        for (const auto* child = node->children; child != nullptr; child = child->next) {
            walk_one(child);
        }
    }

    void walk_one(const xmlNode* node) {
        if (node->type == XML_COMMENT_NODE) {
            read_mark(node);
            return;
        }
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            begin_text(node);
            inline_.add(text_of_node(node->content), preformatted_ > 0);
            return;
        }
        const auto name = name_of(node);
        if (name.empty() || is_hidden(node, name)) {
            return;
        }
        if (name == "table" && !has_below(node, "table")) {
            end_text();
            read_table(node);
        } else if (is_block(name) || name == "td" || name == "th") {
            read_block(node, name);
        } else {
            read_inline(node, name);
        }
    }

    static bool is_hidden(const xmlNode* node, std::string_view name) {
        auto style = attribute(node, "style");
        std::erase(style, ' ');
        return is_unseen(name) || xmlHasProp(node, reinterpret_cast<const xmlChar*>("hidden")) ||
               style.find("display:none") != std::string::npos;
    }

    void read_block(const xmlNode* node, std::string_view name) {
        end_text();
        const auto before = kind_;
        const auto level_before = level_;
        const bool list = name == "ul" || name == "ol" || name == "dl";
        depth_ += list ? 1U : 0U;
        preformatted_ += name == "pre" ? 1U : 0U;
        if (name == "li" || name == "dd" || name == "dt") {
            kind_ = DocumentBlock::Kind::item;
            level_ = std::max(1U, depth_) + (name == "dd" ? 1U : 0U);
            new_item_ = true;
        } else if (const auto level = heading_level(name); level > 0) {
            kind_ = DocumentBlock::Kind::heading;
            level_ = level;
        }
        position(node);
        walk(node);
        end_text();
        kind_ = before;
        level_ = level_before;
        depth_ -= list ? 1U : 0U;
        preformatted_ -= name == "pre" ? 1U : 0U;
    }

    void read_inline(const xmlNode* node, std::string_view name) {
        if (name == "br") {
            begin_text(node);
            inline_.break_line();
        } else if (name == "img") {
            return;
        } else if (name == "sup" || name == "sub") {
            // A footnote's number must not become part of a port.
            begin_text(node);
            inline_.add("[", false);
            walk(node);
            inline_.add("]", false);
        } else if (name == "em" && begins_with_dot(node)) {
            // Markdown took the stars of "*.example.com*" for emphasis.
            begin_text(node);
            inline_.add("*", false);
            walk(node);
            inline_.add("*", false);
        } else if (is_placeholder(node, name)) {
            begin_text(node);
            inline_.add(fmt::format("{{{}}}", name), false);
            walk(node);
        } else {
            if (const auto to = attribute(node, "href"); name == "a" && to.contains('#')) {
                anchors_.push_back(to.substr(to.find('#') + 1));
            }
            walk(node);
        }
    }

    static bool begins_with_dot(const xmlNode* node) {
        return node->children != nullptr && text_of_node(node->children->content).starts_with('.');
    }

    // "<tenant>.example.com", written as it is: an element that HTML does not have before a dot.
    static bool is_placeholder(const xmlNode* node, std::string_view name) {
        const auto* const next = node->children != nullptr ? node->children : node->next;
        return htmlTagLookup(node->name) == nullptr && name.find_first_of(":-") == name.npos &&
               next != nullptr && next->type == XML_TEXT_NODE &&
               text_of_node(next->content).starts_with('.');
    }

    // Positions: of the source where it is HTML, else what cmark wrote down.
    void read_mark(const xmlNode* node) {
        const auto text = text_of_node(node->content);
        if (text.starts_with(mark_begin)) {
            if (const auto line = number_at_front(text.substr(mark_begin.size()))) {
                mark_ = *line;
                mark_line_ = static_cast<std::size_t>(std::max(0L, xmlGetLineNo(node)));
            }
        }
    }
    [[nodiscard]] std::size_t line_of(const xmlNode* node) const {
        for (const auto* at = node; at != nullptr && at->type == XML_ELEMENT_NODE;
             at = at->parent) {
            if (const auto line = number_at_front(attribute(at, "data-sourcepos"))) {
                return *line;
            }
        }
        const auto line = static_cast<std::size_t>(std::max(1L, xmlGetLineNo(node)));
        return mark_ > 0 && line >= mark_line_ ? mark_ + (line - mark_line_) : line;
    }
    void position(const xmlNode* node) {
        if (inline_.empty()) {
            line_ = line_of(node);
        }
    }
    void begin_text(const xmlNode* node) {
        if (inline_.empty() && node->type == XML_TEXT_NODE &&
            trim(text_of_node(node->content)).empty()) {
            return;
        }
        position(node->type == XML_TEXT_NODE && node->parent != nullptr ? node->parent : node);
    }

    void end_text() {
        auto text = inline_.take();
        if (trim(text).empty() || table_depth_ > 0) {
            return;
        }
        DocumentBlock block;
        block.kind = kind_;
        block.level = kind_ == DocumentBlock::Kind::text ? depth_ : level_;
        block.line = line_;
        block.continues = kind_ == DocumentBlock::Kind::item && !std::exchange(new_item_, false);
        block.text = std::move(text);
        if (page_.title.empty() && block.kind == DocumentBlock::Kind::heading) {
            page_.title = block.text;
        }
        page_.blocks.push_back(std::move(block));
    }

    // A cell's text; blocks inside of it begin lines.
    void cell_text(const xmlNode* node, InlineText& text) {
        for (const auto* child = node->children; child != nullptr; child = child->next) {
            if (child->type == XML_TEXT_NODE) {
                text.add(text_of_node(child->content), false);
                continue;
            }
            const auto name = name_of(child);
            if (name.empty() || is_hidden(child, name)) {
                continue;
            }
            if (name == "br" || is_block(name)) {
                text.break_line();
                cell_text(child, text);
                text.break_line();
                continue;
            }
            std::swap(inline_, text);
            read_cell_inline(child, name);
            std::swap(inline_, text);
        }
    }
    void read_cell_inline(const xmlNode* node, std::string_view name) {
        if (has_below(node, "br") || has_below(node, "p") || has_below(node, "li") ||
            has_below(node, "div")) {
            InlineText text;
            std::swap(inline_, text);
            cell_text(node, text);
            std::swap(inline_, text);
            return;
        }
        read_inline(node, name);
    }

    struct Spanning {
        DocumentCell cell;
        std::size_t rows = 0;
    };

    void read_table(const xmlNode* table) {
        ++table_depth_;
        DocumentBlock block;
        block.kind = DocumentBlock::Kind::table;
        block.line = line_of(table);
        std::vector<Spanning> open(most_columns);
        read_rows(table, false, block, open);
        --table_depth_;
        std::size_t columns = 0;
        for (const auto& row : block.rows) {
            columns = std::max(columns, row.cells.size());
        }
        for (auto& row : block.rows) {
            row.cells.resize(columns);
        }
        if (columns > 0) {
            page_.blocks.push_back(std::move(block));
        }
    }

    void read_rows(const xmlNode* node, bool head, DocumentBlock& block,
                   std::vector<Spanning>& open) {
        for (const auto* child = node->children; child != nullptr; child = child->next) {
            const auto name = name_of(child);
            if (child->type == XML_COMMENT_NODE) {
                read_mark(child);
            } else if (name == "tr" && !is_hidden(child, name)) {
                read_row(child, head, block, open);
            } else if (name == "caption") {
                read_caption(child, block);
            } else if (!name.empty()) {
                if (name == "tbody") {
                    std::ranges::fill(open, Spanning{});  // a span ends with its group of rows
                }
                read_rows(child, head || name == "thead", block, open);
            }
        }
    }

    void read_caption(const xmlNode* node, DocumentBlock& block) {
        InlineText text;
        cell_text(node, text);
        block.text = text.take();
    }

    void read_row(const xmlNode* node, bool head, DocumentBlock& block,
                  std::vector<Spanning>& open) {
        DocumentRow row;
        row.line = line_of(node);
        const auto fill_spans = [&] {
            while (row.cells.size() < most_columns && open[row.cells.size()].rows > 0) {
                auto& span = open[row.cells.size()];
                --span.rows;
                row.cells.push_back(span.cell);
            }
        };
        for (const auto* child = node->children; child != nullptr; child = child->next) {
            const auto name = name_of(child);
            if (name != "td" && name != "th") {
                continue;
            }
            fill_spans();
            add_cell(child, head || name == "th", row, open);
        }
        fill_spans();
        cells_ += row.cells.size();
        if (cells_ > most_cells) {
            throw base::Error(base::ExitStatus::bad_input,
                              fmt::format("{}:{}: the page's tables have more than {} cells", file_,
                                          row.line, most_cells));
        }
        block.rows.push_back(std::move(row));
    }

    void add_cell(const xmlNode* node, bool head, DocumentRow& row, std::vector<Spanning>& open) {
        DocumentCell cell;
        InlineText text;
        cell_text(node, text);
        cell.text = text.take();
        cell.anchors = std::exchange(anchors_, {});
        cell.heads = head;
        const auto columns = number_at_front(attribute(node, "colspan")).value_or(1);
        const auto rows = number_at_front(attribute(node, "rowspan")).value_or(1);
        for (std::size_t i = 0; i < std::max<std::size_t>(1, columns); ++i) {
            if (row.cells.size() == most_columns) {
                return;
            }
            cell.spans = i > 0;
            if (rows != 1) {
                // rowspan="0" reaches to the end of the group of rows.
                open[row.cells.size()] = {cell, rows == 0 ? most_cells : rows - 1};
            }
            row.cells.push_back(cell);
        }
    }

    DocumentPage& page_;
    std::string file_;
    DocumentBlock::Kind kind_ = DocumentBlock::Kind::text;
    unsigned level_ = 0;
    unsigned depth_ = 0;
    unsigned preformatted_ = 0;
    bool new_item_ = false;
    unsigned table_depth_ = 0;
    InlineText inline_;
    std::vector<std::string> anchors_;
    std::size_t line_ = 1;
    std::size_t mark_ = 0;
    std::size_t mark_line_ = 0;
    std::size_t cells_ = 0;
};

std::string title_of(const xmlNode* node) {
    for (const auto* child = node->children; child != nullptr; child = child->next) {
        if (name_of(child) == "title" && child->children != nullptr) {
            return std::string(trim(text_of_node(child->children->content)));
        }
        if (auto title = title_of(child); !title.empty()) {
            return title;
        }
    }
    return {};
}

}  // namespace

std::string line_mark(std::size_t line) {
    return fmt::format("<!--{}{}-->", mark_begin, line);
}

DocumentPage read_html(const std::string& html, const std::string& file) {
    const std::unique_ptr<htmlParserCtxt, void (*)(htmlParserCtxtPtr)> parser(htmlNewParserCtxt(),
                                                                              htmlFreeParserCtxt);
    const auto* const encoding =
        xmlCheckUTF8(reinterpret_cast<const xmlChar*>(html.c_str())) == 1 ? "UTF-8" : "CP1252";
    const std::unique_ptr<xmlDoc, void (*)(xmlDocPtr)> document(
        htmlCtxtReadMemory(
            parser.get(), html.data(), static_cast<int>(html.size()), nullptr, encoding,
            HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET),
        xmlFreeDoc);
    // libxml2 gives up on what is nested more than some hundred deep, and keeps what came before.
    if (parser->disableSAX != 0 || parser->instate == XML_PARSER_EOF) {
        throw base::Error(base::ExitStatus::bad_input,
                          fmt::format("{}: its elements are nested too deeply to read", file));
    }
    DocumentPage page;
    if (document == nullptr) {
        return page;
    }
    const auto* const root = reinterpret_cast<const xmlNode*>(document.get());
    page.title = title_of(root);
    PageReader(page, file).read(root);
    return page;
}

}  // namespace turnpike::catalog
