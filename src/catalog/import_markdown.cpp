// Markdown (CommonMark with GitHub's tables) as blocks: cmark-gfm makes HTML of it, with the lines
// that it came from, so that HTML within Markdown and Markdown within HTML read alike.
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "catalog/import_blocks.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Parser = std::unique_ptr<cmark_parser, void (*)(cmark_parser*)>;
using Tree = std::unique_ptr<cmark_node, void (*)(cmark_node*)>;

// "Tue Sep 15 2020 10:32:32 GMT+0800 (CST)", "2020-09-15T10:32:32Z" or "2020-09-15".
std::string day_of(std::string_view text) {
    text = trim(text);
    while (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
        text.remove_prefix(1);
    }
    if (const auto day = text.substr(0, 10); parse_day(day)) {
        return std::string(day);
    }
    constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto words = parts_of(base::to_lower(text), " ");
    if (words.size() < 4) {
        return {};
    }
    const auto* const month = std::ranges::find(months, words[1]);
    const auto day = fmt::format("{}-{:02}-{:0>2}", words[3], month - months.begin() + 1, words[2]);
    return month != months.end() && parse_day(day) ? day : std::string();
}

// The lines between "---" at the front say what the page is; they are blanked, not cut, so that
// every line keeps its number.
void take_front_matter(std::string& text, DocumentPage& page) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || text.compare(first, 3, "---") != 0) {
        return;
    }
    const auto end = text.find("\n---", first + 3);
    if (end == std::string::npos) {
        return;
    }
    for (const auto& line : parts_of(std::string_view(text).substr(first, end - first), "\n")) {
        const auto colon = std::min(line.find(':'), line.size());
        const auto key = base::to_lower(trim(std::string_view(line).substr(0, colon)));
        const auto value = std::string_view(line).substr(std::min(colon + 1, line.size()));
        if (key == "title") {
            page.title = trim(value);
            std::erase(page.title, '"');
        } else if (key == "updatedat" || key == "date" || key == "updated" || key == "lastmod" ||
                   key == "last_updated" || key == "ms.date") {
            page.day = day_of(value);
        }
    }
    const auto stop = std::min(text.find('\n', end + 1), text.size());
    std::ranges::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(first),
        text.begin() + static_cast<std::ptrdiff_t>(stop), [](char c) { return c != '\n'; }, ' ');
}

// "{% hint %}" and ":::note" belong to the page's builder, and imports to its components.
void blank_template_lines(std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = trim(std::string_view(text).substr(at, end - at));
        if ((line.starts_with("{%") && line.ends_with("%}")) || line.starts_with(":::") ||
            (line.starts_with("import ") && line.find(" from ") != std::string_view::npos)) {
            std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
                      text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        }
        at = end + 1;
    }
}

// Raw HTML says where it stood. A "<tenant>" that is no element is text.
void prepare(cmark_node* root) {
    const std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> iterator(cmark_iter_new(root),
                                                                      cmark_iter_free);
    while (cmark_iter_next(iterator.get()) != CMARK_EVENT_DONE) {
        auto* const node = cmark_iter_get_node(iterator.get());
        if (cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK) {
            const auto line = std::max(1, cmark_node_get_start_line(node));
            const auto marked = line_mark(static_cast<std::size_t>(line)) +
                                std::string(cmark_node_get_literal(node));
            cmark_node_set_literal(node, marked.c_str());
        }
    }
}

Tree parse(const std::string& text, int options) {
    cmark_gfm_core_extensions_ensure_registered();
    const Parser parser(cmark_parser_new(options), cmark_parser_free);
    for (const auto* name : {"table", "strikethrough"}) {
        cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser.get(), text.data(), text.size());
    return {cmark_parser_finish(parser.get()), cmark_node_free};
}

// A copy that lost its markup: a short line of words by itself heads what follows.
bool looks_like_heading(std::string_view line) {
    constexpr std::size_t longest = 40;
    return !line.empty() && line.size() <= longest && line.front() >= 'A' && line.front() <= 'Z' &&
           line.find_first_of(".:,;*>|0123456789") == std::string_view::npos &&
           line.find(' ') != std::string_view::npos;
}

void find_lost_headings(DocumentPage& page) {
    std::vector<DocumentBlock> blocks;
    for (auto& block : page.blocks) {
        if (block.kind != DocumentBlock::Kind::text) {
            blocks.push_back(std::move(block));
            continue;
        }
        DocumentBlock part;
        auto line = block.line;
        for (const auto& text : parts_of(block.text, "\n")) {
            if (looks_like_heading(text)) {
                if (!part.text.empty()) {
                    blocks.push_back(std::exchange(part, {}));
                }
                DocumentBlock heading;
                heading.kind = DocumentBlock::Kind::heading;
                heading.level = page.title.empty() ? 1 : 2;
                heading.line = line;
                heading.text = text;
                page.title = page.title.empty() ? text : page.title;
                blocks.push_back(std::move(heading));
            } else {
                part.line = part.text.empty() ? line : part.line;
                part.text += (part.text.empty() ? "" : "\n") + text;
            }
            ++line;
        }
        if (!part.text.empty()) {
            blocks.push_back(std::move(part));
        }
    }
    page.blocks = std::move(blocks);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

// A table of Markdown reaches to the next empty line. In a copy without empty lines that is far
// beyond its last row: lines that part no cells are text again.
void cut_tables(DocumentPage& page, std::string_view source) {
    const auto lines = lines_of(source);
    const auto is_text = [&](const DocumentRow& row) {
        return row.line > 0 && row.line <= lines.size() &&
               lines[row.line - 1].find('|') == std::string_view::npos &&
               lines[row.line - 1].find("<t") == std::string_view::npos;
    };
    std::vector<DocumentBlock> blocks;
    for (auto& block : page.blocks) {
        // The head's position is that of the paragraph it ended.
        const auto body = block.rows.begin() + (block.rows.empty() ? 0 : 1);
        const auto cut = std::find_if(body, block.rows.end(), is_text);
        DocumentBlock text;
        for (auto row = cut; row != block.rows.end(); ++row) {
            text.line = text.line == 0 ? row->line : text.line;
            text.text += (text.text.empty() ? "" : "\n") + row->cells.front().text;
        }
        block.rows.erase(cut, block.rows.end());
        blocks.push_back(std::move(block));
        if (!text.text.empty()) {
            blocks.push_back(std::move(text));
        }
    }
    page.blocks = std::move(blocks);
}

bool is_html(std::string_view text, const std::string& file) {
    const auto name = base::to_lower(file);
    const auto begin = base::to_lower(trim(text.substr(0, 2000)));
    if (name.ends_with(".html") || name.ends_with(".htm") || begin.starts_with("<!doctype") ||
        begin.find("<html") != std::string::npos || begin.find("<body") != std::string::npos) {
        return true;
    }
    // A piece of a page: an element first, and no heading of Markdown anywhere.
    return begin.starts_with('<') && text.find("\n#") == std::string_view::npos &&
           text.find("\n|") == std::string_view::npos && text.find("\n```") == text.npos;
}

}  // namespace

DocumentPage read_markdown(const std::string& markdown, const std::string& file) {
    auto text = markdown;
    DocumentPage front;
    take_front_matter(text, front);
    blank_template_lines(text);
    constexpr int options = CMARK_OPT_SOURCEPOS | CMARK_OPT_UNSAFE | CMARK_OPT_HARDBREAKS |
                            CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE | CMARK_OPT_VALIDATE_UTF8;
    const auto root = parse(text, options);
    prepare(root.get());
    const std::unique_ptr<char, void (*)(void*)> html(
        cmark_render_html(root.get(), options, nullptr), free);
    auto page = read_html(html.get(), file);
    cut_tables(page, text);
    if (std::ranges::none_of(page.blocks, [](const auto& block) {
            return block.kind == DocumentBlock::Kind::heading;
        })) {
        find_lost_headings(page);
    }
    page.title = front.title.empty() ? page.title : front.title;
    page.day = front.day;
    return page;
}

DocumentPage read_page(const std::string& text, const std::string& file) {
    const std::string_view all = text;
    if (all.starts_with("\xFF\xFE") || all.starts_with("\xFE\xFF")) {
        throw base::Error(base::ExitStatus::bad_input,
                          fmt::format("{}: is UTF-16; save it as UTF-8", file));
    }
    if (all.starts_with("%PDF")) {
        throw base::Error(
            base::ExitStatus::bad_input,
            fmt::format("{}: is a PDF; save the page as HTML, or its text as Markdown", file));
    }
    if (all.find('\0') != std::string_view::npos) {
        throw base::Error(base::ExitStatus::bad_input,
                          fmt::format("{}: is no text; save the page as HTML or Markdown", file));
    }
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    const auto plain = all.starts_with(mark) ? text.substr(mark.size()) : text;
    return is_html(plain, file) ? read_html(plain, file) : read_markdown(plain, file);
}

}  // namespace turnpike::catalog
