// Lower case, comparison, escapes and edit distance of ASCII text.
#include "turnpike/base/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <ranges>
#include <vector>

namespace turnpike::base {
namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

std::string_view lowered(std::string_view text, std::string& room) {
    bool changes = false;
    for (const char c : text) {  // to the end: that takes sixteen at a time
        changes |= lower(c) != c;
    }
    if (!changes) {
        return text;
    }
    room = to_lower(text);
    return room;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string escape(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c == '\\') {
            result += "\\\\";
        } else if (c >= 0x20 && c <= 0x7e) {
            result += c;
        } else {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::ranges::copy(std::views::iota(std::size_t{0}, row.size()), row.begin());
    for (const char of_a : a) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (of_a == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::size_t most_slips(std::string_view word) noexcept {
    return (word.size() + 2) / 3;
}

}  // namespace turnpike::base
