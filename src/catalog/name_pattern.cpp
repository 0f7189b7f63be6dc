// How a domain pattern covers a name. Both sides are A-labels in lower case, so octets compare.
#include <algorithm>
#include <string_view>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

// Longer than any name: 253 octets (RFC 1035 2.3.4), so an exact name beats every wildcard.
constexpr int exact_bonus = 1000;

bool is_wild(char c) noexcept {
    return c == '*' || c == '{';
}

// The length of the wildcard at the front: "*" or "{region}".
std::size_t wildcard_length(std::string_view pattern) noexcept {
    if (pattern.front() == '*') {
        return 1;
    }
    const auto close = pattern.find('}');
    return close == std::string_view::npos ? pattern.size() : close + 1;
}

// A wildcard that makes up a whole label, or a placeholder, stands for one character at least.
std::size_t least_length(std::string_view pattern, std::size_t wildcard,
                         bool label_start) noexcept {
    const bool label_end = wildcard == pattern.size() || pattern[wildcard] == '.';
    return pattern.front() == '{' || (label_start && label_end) ? 1 : 0;
}

// Wildcards here stay within one label. Patterns hold few, so trying every split is cheap.
bool glob(std::string_view pattern, std::string_view name, bool label_start) noexcept {
    while (!pattern.empty() && !is_wild(pattern.front())) {
        if (name.empty() || name.front() != pattern.front()) {
            return false;
        }
        label_start = pattern.front() == '.';
        pattern.remove_prefix(1);
        name.remove_prefix(1);
    }
    if (pattern.empty()) {
        return name.empty();
    }
    const auto wildcard = wildcard_length(pattern);
    const auto least = least_length(pattern, wildcard, label_start);
    const auto most = std::min(name.find('.'), name.size());
    for (auto taken = least; taken <= most; ++taken) {
        if (glob(pattern.substr(wildcard), name.substr(taken), false)) {
            return true;
        }
    }
    return false;
}

// A star at the very front also spans dots: "*.x" is any depth, "*cdn.x" every name that ends so.
bool glob_behind_leading_star(std::string_view rest, std::string_view name) noexcept {
    const std::size_t least = rest.starts_with('.') ? 1 : 0;
    for (auto taken = least; taken <= name.size(); ++taken) {
        if (glob(rest, name.substr(taken), false)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool NamePattern::matches(std::string_view name) const noexcept {
    const std::string_view pattern = text;
    if (name.empty() || pattern.empty()) {
        return false;
    }
    const bool literal_rest = std::ranges::none_of(pattern.substr(1), is_wild);
    if (literal_rest && !is_wild(pattern.front())) {
        return pattern.front() == '.' ? name == pattern.substr(1) || name.ends_with(pattern)
                                      : name == pattern;
    }
    if (pattern.front() == '*') {
        const auto rest = pattern.substr(1);
        if (literal_rest) {
            const std::size_t least = rest.starts_with('.') ? 1 : 0;
            return name.size() >= rest.size() + least && name.ends_with(rest);
        }
        return glob_behind_leading_star(rest, name);
    }
    if (pattern.front() == '.') {
        return glob(pattern.substr(1), name, true) || glob_behind_leading_star(pattern, name);
    }
    return glob(pattern, name, true);
}

int NamePattern::specificity() const noexcept {
    std::string_view rest = text;
    bool wild = rest.starts_with('.');
    int literal = 0;
    while (!rest.empty()) {
        if (is_wild(rest.front())) {
            wild = true;
            rest.remove_prefix(wildcard_length(rest));
        } else {
            ++literal;
            rest.remove_prefix(1);
        }
    }
    return wild ? literal : exact_bonus + literal;
}

}  // namespace turnpike::catalog
