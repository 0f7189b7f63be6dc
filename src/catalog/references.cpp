// Parses the references of a destination: to a setting, to a feed, to placeholders.
#include "catalog/references.h"

#include <algorithm>

#include "catalog/syntax.h"

namespace turnpike::catalog {

std::string_view setting_of(std::string_view reference) noexcept {
    for (const std::string_view kind : {"customer:", "vendor-issued:"}) {
        if (reference.starts_with(kind)) {
            return reference.substr(kind.size());
        }
    }
    return {};
}

std::vector<std::string_view> placeholders_of(std::string_view pattern) {
    std::vector<std::string_view> found;
    for (auto open = pattern.find('{'); open != std::string_view::npos;
         open = pattern.find('{', open + 1)) {
        found.push_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
    }
    return found;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (text = trim(text); !text.empty(); text = trim(text)) {
        words.push_back(text.substr(0, text.find(' ')));
        text.remove_prefix(words.back().size());
    }
    return words;
}

std::optional<FeedReference> feed_of(std::string_view reference) {
    constexpr std::string_view kind = "feed:";
    if (!reference.starts_with(kind)) {
        return std::nullopt;
    }
    auto words = words_of(reference.substr(kind.size()));
    if (words.empty()) {
        return std::nullopt;
    }
    const auto selector = words.front();
    const auto slash = std::min(selector.find('/'), selector.size());
    FeedReference feed;
    feed.vendor = selector.substr(0, slash);
    feed.product = selector.substr(std::min(slash + 1, selector.size()));
    if (!parse_identifier(feed.vendor) || !parse_identifier(feed.product)) {
        return std::nullopt;
    }
    feed.words.assign(words.begin() + 1, words.end());
    return feed;
}

}  // namespace turnpike::catalog
