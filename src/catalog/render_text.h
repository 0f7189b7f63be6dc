// Small pieces of text that the renderings share.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// The calendar day, "undated" without one.
std::string day_text(const std::optional<base::Timestamp>& date);
/// The last day on which the revision is known to be what its source demands: its date, or when the
/// source was read; nothing where neither is told.
std::optional<base::Timestamp> known_right(const Revision& revision);
/// "tcp 80, 443, 5866-6000 (2.9.0 or later)", transports parted by "; "; "not stated" without any.
std::string ports_text(const std::vector<PortItem>& ports);
/// "required", or "conditional: for the RTMP converter".
std::string level_text(const Rule& rule);
/// Words of the list joined by ", ".
std::string expectations_text(const Rule& rule);
/// "region = eu", "version = >=2.9.0".
std::string when_text(const std::vector<Circumstance>& when);
/// "group media, branch udp, preference 1"; "" without alternatives.
std::string alternative_text(const Rule& rule);
/// "signaling, media"; "" where the entry does not say it.
std::string carries_text(const Rule& rule);
/// A CSV field (RFC 4180 2), quoted where it must be.
std::string csv_field(std::string_view text);
/// A Markdown table cell.
std::string markdown_cell(std::string_view text);
/// A CSV line (RFC 4180 2) of any range of texts.
template <typename Row>
std::string csv_line(const Row& fields) {
    std::string line;
    bool first = true;
    for (const auto& field : fields) {
        line += (std::exchange(first, false) ? "" : ",") + csv_field(field);
    }
    return line + "\r\n";
}
/// A line of a Markdown table.
template <typename Row>
std::string markdown_line(const Row& fields) {
    std::string line = "|";
    for (const auto& field : fields) {
        line += ' ' + markdown_cell(field) + " |";
    }
    return line + '\n';
}
/// The head of a Markdown table with the line below it.
template <typename Row>
std::string markdown_head(const Row& heads) {
    auto head = markdown_line(heads) + '|';
    for (std::size_t i = 0; i < heads.size(); ++i) {
        head += " --- |";
    }
    return head + '\n';
}

/// The text broken at blanks to lines of at most `width`, each but the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 100);

}  // namespace turnpike::catalog
