#include "catalog/import_document_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::string_view tag_name(std::string_view tag) {
    const auto begin = tag.starts_with('/') ? 1U : 0U;
    auto end = begin;
    while (end < tag.size() && std::isalnum(static_cast<unsigned char>(tag[end])) != 0) {
        ++end;
    }
    return tag.substr(0, end);
}

// What a tag means for lines and cells; most mean nothing.
std::string_view tag_text(std::string_view tag) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> meanings{{
        {"/tr", "\n"},
        {"/td", "|"},
        {"/th", "|"},
        {"/li", "\n"},
        {"/p", "\n"},
        {"/div", "\n"},
        {"li", "\n- "},
        {"h1", "\n# "},
        {"h2", "\n## "},
        {"h3", "\n### "},
        {"h4", "\n#### "},
        {"br", " "},
    }};
    const auto name = tag_name(tag);
    for (const auto& [word, text] : meanings) {
        if (word == name) {
            return text;
        }
    }
    return name.starts_with("/h") && name.size() == 3 ? "\n" : "";
}

// "<b" begins a tag, "< 2.9.0" does not.
bool begins_tag(std::string_view text, std::size_t at) {
    return text[at] == '<' && at + 1 < text.size() &&
           (std::isalpha(static_cast<unsigned char>(text[at + 1])) != 0 || text[at + 1] == '/');
}

// Markup ends soon; looking further would cost the square of a hostile line's length.
constexpr std::size_t longest_markup = 2000;

std::string without_tags(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto ahead = line.substr(i, longest_markup);
        const auto end = begins_tag(line, i) ? ahead.find('>') : std::string_view::npos;
        if (end != std::string_view::npos) {
            out += tag_text(ahead.substr(1, end - 1));
            i += end;
        } else {
            out += line[i];
        }
    }
    for (const auto& [entity, text] : {std::pair{"&nbsp;", " "},
                                       {"&lt;", "<"},
                                       {"&gt;", ">"},
                                       {"&quot;", "\""},
                                       {"&amp;", "&"}}) {
        replace_all(out, entity, text);
    }
    return out;
}

// The length of "[words](address)" at the front of the text; 0 if there is none.
std::size_t link_length(std::string_view ahead, std::size_t& words_end) {
    if (!ahead.starts_with('[')) {
        return 0;
    }
    words_end = ahead.find("](");
    const auto end = words_end == std::string_view::npos ? words_end : ahead.find(')', words_end);
    return end == std::string_view::npos ? 0 : end + 1;
}

// "[words](address)" says words.
std::string without_links(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto ahead = line.substr(i, longest_markup);
        std::size_t words_end = 0;
        if (const auto length = link_length(ahead, words_end); length > 0) {
            out += ahead.substr(1, words_end - 1);
            i += length - 1;
        } else {
            out += line[i];
        }
    }
    return out;
}

bool is_ruler(std::string_view text) {
    return text.find_first_not_of("|:- =`") == std::string_view::npos;
}

// A short line of words by itself is a heading where a copy lost its markup.
bool looks_like_heading(std::string_view text) {
    constexpr std::size_t longest_heading = 40;
    return text.size() <= longest_heading &&
           text.find_first_of(".:,;*>|0123456789") == std::string_view::npos &&
           text.find(' ') != std::string_view::npos &&
           std::isupper(static_cast<unsigned char>(text.front())) != 0;
}

std::vector<std::string> cells_of(std::string_view text) {
    std::vector<std::string> cells;
    while (!text.empty()) {
        const auto end = std::min(text.find('|'), text.size());
        cells.emplace_back(trim(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return cells;
}

DocumentLine line_of(std::string_view text, std::size_t number) {
    DocumentLine line;
    line.number = number;
    const auto level = std::min(text.find_first_not_of('#'), text.size());
    if (level > 0 && level <= 6 && level < text.size() && text[level] == ' ') {
        line.kind = DocumentLine::Kind::heading;
        line.level = static_cast<unsigned>(level);
        line.text = trim(text.substr(level));
    } else if (text.find('|') != std::string_view::npos) {
        line.kind = DocumentLine::Kind::row;
        line.cells = cells_of(text);
        for (const auto& cell : line.cells) {
            line.text += (line.text.empty() ? "" : " ") + cell;
        }
    } else {
        const bool heading = looks_like_heading(text);
        line.kind = heading ? DocumentLine::Kind::heading : DocumentLine::Kind::text;
        line.level = heading ? 6 : 0;
        line.text = text;
    }
    return line;
}

void add_lines(std::string_view text, std::size_t number, std::vector<DocumentLine>& lines) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto part = trim(text.substr(0, end));
        if (!part.empty() && !is_ruler(part) && !part.starts_with("{%")) {
            lines.push_back(line_of(part, number));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

std::vector<DocumentLine> document_lines(std::string_view input) {
    std::vector<DocumentLine> lines;
    std::size_t number = 0;
    bool front_matter = false;
    while (!input.empty()) {
        ++number;
        const auto end = std::min(input.find('\n'), input.size());
        const auto line = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
        if (trim(line) == "---" && (front_matter || lines.empty())) {
            front_matter = !front_matter;
        } else if (!front_matter) {
            add_lines(without_tags(without_links(line)), number, lines);
        }
    }
    return lines;
}

}  // namespace turnpike::catalog
