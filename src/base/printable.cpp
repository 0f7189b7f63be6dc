// Makes text safe to show, counts the columns it takes, and shortens it.
#include "turnpike/base/printable.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <uniwidth.h>

#include <algorithm>
#include <array>
#include <vector>

#include "turnpike/base/utf8.h"

namespace turnpike::base {
namespace {

constexpr bool plain(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

struct Range {
    char32_t first;
    char32_t last;
};

// C1 controls, and what is invisible or turns the direction of writing (Unicode, UAX 9).
constexpr std::array hidden{
    Range{0x0080, 0x009f}, Range{0x00ad, 0x00ad}, Range{0x061c, 0x061c}, Range{0x200b, 0x200f},
    Range{0x2028, 0x202e}, Range{0x2060, 0x206f}, Range{0xfeff, 0xfeff}, Range{0xe0000, 0xe007f},
};

template <std::size_t Size>
constexpr bool within(const std::array<Range, Size>& ranges, char32_t code) noexcept {
    return std::ranges::any_of(
        ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

struct Character {
    std::size_t octets = 0;  ///< 0: ill-formed, or not to be shown
    std::size_t columns = 0;
};

// The character at the front. Ill-formed text is shown octet by octet.
Character character_at(std::string_view text) noexcept {
    if (plain(text[0])) {
        return {1, 1};
    }
    const auto [code, octets] = utf8_character(text);
    if (octets < 2 || within(hidden, code)) {
        return {};
    }
    // Below zero: no width is known.
    const int columns = ::uc_width(code, "UTF-8");
    return {octets, columns < 0 ? std::size_t{1} : static_cast<std::size_t>(columns)};
}

std::string hex(char c) {
    return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
}

// Octets of the longest prefix that takes no more than `columns` columns.
std::size_t prefix_of(std::string_view text, std::size_t columns) noexcept {
    std::size_t end = 0;
    for (std::size_t used = 0; end < text.size();) {
        const Character next = character_at(text.substr(end));
        used += next.octets == 0 ? 1 : next.columns;
        if (used > columns) {
            break;
        }
        end += std::max<std::size_t>(next.octets, 1);
    }
    return end;
}

}  // namespace

std::string from_network(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (plain(c)) {
            result += c;
        } else {
            result += hex(c);
        }
    }
    return result;
}

std::string from_catalog(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_at(text).octets;
        if (length != 0) {
            result += text.substr(0, length);
        } else if (text[0] == '\n' || text[0] == '\t') {
            result += ' ';
        } else {
            result += hex(text[0]);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::size_t columns_of(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Character next = character_at(text);
        columns += next.octets == 0 ? 1 : next.columns;
        text.remove_prefix(std::max<std::size_t>(next.octets, 1));
    }
    return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
    constexpr std::string_view dots = "...";
    if (columns_of(text) <= columns) {
        return std::string(text);
    }
    if (columns <= dots.size()) {
        return std::string(dots.substr(0, columns));
    }
    return std::string(text.substr(0, prefix_of(text, columns - dots.size()))) + std::string(dots);
}

std::string shortened_list(std::string_view list, std::size_t columns) {
    if (columns_of(list) <= columns) {
        return std::string(list);
    }
    constexpr std::string_view separator = ", ";
    std::vector<std::string_view> items;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t end = std::min(list.find(separator, from), list.size());
        items.push_back(list.substr(from, end - from));
        from = end + separator.size();
    }
    std::string text{items[0]};
    for (std::size_t i = 1; i <= items.size(); ++i) {
        const std::string more =
            i == items.size() ? std::string{} : fmt::format(" and {} more", items.size() - i);
        const bool next_fits =
            i < items.size() && columns_of(text) + separator.size() + columns_of(items[i]) +
                                        fmt::format(" and {} more", items.size() - i - 1).size() <=
                                    columns;
        if (!next_fits) {
            return shortened(text, columns - std::min(columns, more.size())) + more;
        }
        text += separator;
        text += items[i];
    }
    return text;
}

std::size_t fitting(std::string_view text, std::size_t columns) noexcept {
    if (text.empty()) {
        return 0;
    }
    const std::size_t one = std::max<std::size_t>(character_at(text).octets, 1);
    const std::size_t end = std::max(prefix_of(text, columns), one);
    if (end == text.size() || text[end] == ' ') {
        return end;
    }
    const std::size_t space = text.substr(0, end).rfind(' ');
    // Spaces in front of the first word are no place to break at.
    return space == std::string_view::npos || space < text.find_first_not_of(' ') ? end : space;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t hang,
                                 std::size_t most) {
    std::vector<std::string> lines;
    for (std::size_t indent = 0; lines.size() < most; indent = hang) {
        const bool last = lines.size() + 1 == most;
        const std::size_t taken =
            last ? text.size() : fitting(text, width - std::min(width, indent));
        lines.push_back(std::string(indent, ' ') + std::string(text.substr(0, taken)));
        text.remove_prefix(std::min(text.find_first_not_of(' ', taken), text.size()));
        if (text.empty()) {
            break;
        }
    }
    return lines;
}

std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string volume(std::uint64_t octets) {
    constexpr std::array units{std::pair{1e12, "TB"}, std::pair{1e9, "GB"}, std::pair{1e6, "MB"},
                               std::pair{1e3, "kB"}};
    for (const auto& [size, name] : units) {
        if (static_cast<double>(octets) >= size) {
            return fmt::format("{:.1f} {}", static_cast<double>(octets) / size, name);
        }
    }
    return counted(octets, "byte");
}

std::string join_nonzero(std::initializer_list<std::pair<std::uint64_t, std::string_view>> counts) {
    std::vector<std::string> kept;
    for (const auto& [count, word] : counts) {
        if (count != 0) {
            kept.push_back(fmt::format("{} {}", grouped(count), word));
        }
    }
    return fmt::format("{}", fmt::join(kept, ", "));
}

}  // namespace turnpike::base
