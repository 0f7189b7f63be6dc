// Actions of `turnpike catalog` that have options of their own.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::app {

/// The words of a command line without that of the action; nothing if it is another action's.
/// Options may stand before it.
inline std::optional<std::vector<std::string>> words_of_action(
    const std::vector<std::string>& words, std::string_view action) {
    const auto word = std::ranges::find(words, action);
    if (word == words.end() || (word != words.begin() && !words.front().starts_with('-'))) {
        return std::nullopt;
    }
    std::vector<std::string> rest(words.begin(), word);
    rest.insert(rest.end(), std::next(word), words.end());
    return rest;
}

}  // namespace turnpike::app
