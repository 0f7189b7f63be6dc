// An enumeration and its words, declared once: a table from which to_string, parsing and the
// documentation are made.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace turnpike::base {

/// One value of an enumeration with its word in the database, in JSON and on the command line.
template <typename Enum>
struct Word {
    Enum value;
    std::string_view text;  ///< empty for a value that means that there is none
};

/// Whether a table holds the values of its enumeration from 0 on, in order, and no word twice.
/// Whoever declares a table asserts it; that no value is missing is for a test to show.
template <typename Entry, std::size_t Size>
consteval bool in_order(const std::array<Entry, Size>& table) {
    for (std::size_t i = 0; i < Size; ++i) {
        if (static_cast<std::size_t>(table[i].value) != i) {
            return false;
        }
        for (std::size_t earlier = 0; earlier < i; ++earlier) {
            if (table[earlier].text == table[i].text) {
                return false;
            }
        }
    }
    return true;
}

/// The word of a value; empty for what is no value of the enumeration.
template <typename Entry, std::size_t Size, typename Enum>
constexpr std::string_view word_of(const std::array<Entry, Size>& table, Enum value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    return index < Size ? table[index].text : std::string_view{};
}

/// The value of a word.
template <typename Entry, std::size_t Size>
constexpr auto value_of(const std::array<Entry, Size>& table, std::string_view word) noexcept
    -> std::optional<decltype(Entry::value)> {
    for (const auto& entry : table) {
        if (entry.text == word) {
            return entry.value;
        }
    }
    return std::nullopt;
}

/// All words of an enumeration that has such a table behind its to_string, in order; the empty one
/// is left out.
template <typename Enum>
std::vector<std::string_view> all_words() {
    std::vector<std::string_view> words;
    for (std::size_t i = 0;; ++i) {
        const std::string_view word = to_string(static_cast<Enum>(i));
        if (!word.empty()) {
            words.push_back(word);
        } else if (i > 0) {
            return words;
        }
    }
}

}  // namespace turnpike::base
