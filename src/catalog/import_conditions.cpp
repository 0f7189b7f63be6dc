// Conditions of rows: words for people, circumstances for programs.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/import_readers.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// The first number with dots of a text: "SDK 2.9.0 or later" -> "2.9.0".
std::string version_in(std::string_view lower) {
    for (const auto& word : parts_of(lower, " ,()")) {
        auto version = std::string_view(word);
        if (version.starts_with('v')) {
            version.remove_prefix(1);
        }
        while (version.ends_with('+')) {
            version.remove_suffix(1);
        }
        if (is_version(version) && version.find('.') != std::string_view::npos) {
            return std::string(version);
        }
    }
    return {};
}

bool has_words(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(
        words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

std::vector<Circumstance> circumstances_of(std::string_view condition) {
    const auto lower = base::to_lower(condition);
    const auto version = version_in(lower);
    if (version.empty() || lower.find(version) != lower.rfind(version)) {
        return {};
    }
    const auto rest = lower.substr(lower.find(version) + version.size());
    const auto front = lower.substr(0, lower.find(version));
    // A second version makes a span, which no bound of this table says.
    if (!version_in(rest).empty()) {
        return {};
    }
    std::string bound;
    const bool since = has_words(front, {"from ", "since "}) && trim(rest).empty();
    const bool later =
        has_words(rest, {"or later", "and later", "or newer", "and newer", "and above", "or above",
                         "or higher", "and higher", "and up", "+"}) &&
        !has_words(front, {"before", "earlier", "below"});
    if (later || since) {
        bound = ">=";
    } else if (has_words(front, {"before", "earlier than", "prior to", "below", "older than"}) &&
               !has_words(rest, {"or ", "and "})) {
        bound = "<";
    } else {
        return {};
    }
    Circumstance circumstance;
    circumstance.key = "version";
    circumstance.values = {bound + version};
    return {circumstance};
}

bool is_condition(std::string_view text) {
    const auto lower = base::to_lower(text);
    constexpr std::array<std::string_view, 13> begins{
        "for ",  "if ",     "when ",  "before ",   "after ", "since ",  "until ",
        "only ", "in case", "up to ", "versions ", "from ",  "earlier "};
    return std::ranges::any_of(begins, [&](auto word) { return lower.starts_with(word); }) ||
           !version_in(lower).empty() || lower.ends_with(" only") ||
           has_words(lower,
                     {"or later", "and later", "or newer", "or above", "when using", "if you use"});
}

}  // namespace turnpike::catalog
