// Makes text safe to show, counts the columns it takes, and shortens it.
#include "turnpike/base/printable.h"

#include <fmt/core.h>

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

// Blocks whose characters take two columns (Unicode, UAX 11 East Asian Width W and F), coarsely.
constexpr std::array wide{
    Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0xa4cf},
    Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},
    Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
    Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd},
};
// Combining marks and variation selectors.
constexpr std::array narrowless{
    Range{0x0300, 0x036f}, Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff},
    Range{0x20d0, 0x20ff}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f},
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
    const std::size_t columns = within(wide, code) ? 2 : within(narrowless, code) ? 0 : 1;
    return {octets, columns};
}

std::string hex(char c) {
    return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
}

// Octets of the longest prefix that takes no more than `columns`.
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

}  // namespace turnpike::base
