// Writes ports, levels, days and the like as the renderings show them.
#include "catalog/render_text.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace turnpike::catalog {
namespace {

std::string port_text(const PortItem& port) {
    if (!port.condition.empty()) {
        return fmt::format("{} ({})", port.text, port.condition);
    }
    return port.level ? fmt::format("{} ({})", port.text, to_string(*port.level)) : port.text;
}

}  // namespace

std::string day_text(const std::optional<base::Timestamp>& date) {
    // The calendar date is the first ten characters of ISO 8601.
    return date ? base::format_iso8601(*date).substr(0, 10) : "undated";
}

std::optional<base::Timestamp> known_right(const Revision& revision) {
    return std::max(revision.date, revision.read_on);
}

std::string ports_text(const std::vector<PortItem>& ports) {
    std::vector<std::string> lists;
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        std::vector<std::string> items;
        for (const auto& port : ports) {
            if (port.transport == transport) {
                items.push_back(port_text(port));
            }
        }
        if (!items.empty()) {
            lists.push_back(fmt::format("{} {}", to_string(transport), fmt::join(items, ", ")));
        }
    }
    return lists.empty() ? "not stated" : fmt::format("{}", fmt::join(lists, "; "));
}

std::string level_text(const Rule& rule) {
    return rule.condition.empty() ? std::string(to_string(rule.level))
                                  : fmt::format("{}: {}", to_string(rule.level), rule.condition);
}

std::string expectations_text(const Rule& rule) {
    std::vector<std::string_view> texts;
    std::ranges::transform(rule.expects, std::back_inserter(texts),
                           [](auto expected) { return to_string(expected); });
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string when_text(const std::vector<Circumstance>& when) {
    std::vector<std::string> parts;
    parts.reserve(when.size());
    for (const auto& circumstance : when) {
        parts.push_back(
            fmt::format("{} = {}", circumstance.key, fmt::join(circumstance.values, " or ")));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string alternative_text(const Rule& rule) {
    if (rule.alternative_group.empty()) {
        return {};
    }
    auto text = fmt::format("group {}, branch {}", rule.alternative_group, rule.alternative_branch);
    if (rule.preference != 0) {
        text += fmt::format(", preference {}", rule.preference);
    }
    if (rule.media_by != MediaSign::unstated) {
        text += fmt::format(", media shows by {}", to_string(rule.media_by));
    }
    return text;
}

std::string carries_text(const Rule& rule) {
    std::vector<std::string_view> texts;
    std::ranges::transform(rule.carries, std::back_inserter(texts),
                           [](auto carried) { return to_string(carried); });
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of("\",\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string field = "\"";
    for (const char c : text) {
        field += c;
        if (c == '"') {
            field += c;
        }
    }
    return field + '"';
}

std::string markdown_cell(std::string_view text) {
    std::string cell;
    for (const char c : text) {
        if (c == '|' || c == '*' || c == '_' || c == '\\') {
            cell += '\\';
        }
        cell += c == '\n' ? ' ' : c;
    }
    return cell;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    auto column = indent;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        const auto word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > width) {
            out += '\n';
            out.append(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace turnpike::catalog
