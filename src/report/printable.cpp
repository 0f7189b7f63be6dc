#include "report/printable.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace turnpike::report {
namespace {

constexpr bool plain(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

constexpr bool continuation(char c) noexcept {
    return (static_cast<std::uint8_t>(c) & 0xc0U) == 0x80U;
}

// Octets of the UTF-8 character at the front (RFC 3629 3), 0 if it is none or a control character.
// The database holds checked text; this only has to be safe, not to find every ill-formed octet.
std::size_t character_length(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    const std::size_t length = plain(text[0])                   ? 1
                               : lead >= 0xc2U && lead <= 0xdfU ? 2
                               : lead >= 0xe0U && lead <= 0xefU ? 3
                               : lead >= 0xf0U && lead <= 0xf4U ? 4
                                                                : 0;
    if (length == 0 || text.size() < length ||
        !std::ranges::all_of(text.substr(1, length - 1), continuation)) {
        return 0;
    }
    const bool c1_control = lead == 0xc2U && static_cast<std::uint8_t>(text[1]) < 0xa0U;
    return c1_control ? 0 : length;
}

std::string hex(char c) {
    return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
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
        const std::size_t length = character_length(text);
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
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continuation));
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) {
        return std::string(text);
    }
    std::size_t end = 0;
    for (std::size_t kept = 0; kept + 3 < columns; ++kept) {
        ++end;
        while (end < text.size() && continuation(text[end])) {
            ++end;
        }
    }
    return std::string(text.substr(0, end)) + "...";
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

}  // namespace turnpike::report
