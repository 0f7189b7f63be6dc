// Writes name patterns as regular expressions and as lists of domains.
#include "catalog/export_names.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string_view bare(std::string_view domain) noexcept {
    return domain.starts_with('.') ? domain.substr(1) : domain;
}

}  // namespace

bool name_covers(std::string_view wide, std::string_view narrow) noexcept {
    if (wide == narrow) {
        return false;
    }
    if (wide.starts_with('.')) {
        return bare(narrow) == bare(wide) || narrow.ends_with(wide);
    }
    // ".a.example.com" lies below example.com, ".example.com" does not.
    return wide.starts_with("*.") && bare(narrow).ends_with(wide.substr(1));
}

std::string name_expression(std::string_view pattern) {
    std::string text = "^";
    if (pattern.starts_with('.')) {
        text += "(.+\\.)?";
        pattern.remove_prefix(1);
    } else if (pattern.starts_with("*.")) {
        text += ".+\\.";
        pattern.remove_prefix(2);
    } else if (pattern.starts_with('*')) {
        text.clear();  // anything may stand before; squid warns of a wildcard in front
        pattern.remove_prefix(1);
        if (pattern.starts_with('-')) {
            text = "[-]";  // or squid takes it for an option
            pattern.remove_prefix(1);
        }
    }
    bool inside = false;
    for (const char c : pattern) {
        if (!inside && (c == '*' || c == '{')) {
            text += "[^.]*";
        } else if (!inside && c == '.') {
            text += "\\.";
        } else if (!inside) {
            text += c;
        }
        inside = (inside || c == '{') && c != '}';
    }
    return text + '$';
}

Domains domains_of(const std::vector<std::string>& patterns) {
    std::set<std::string> all;
    std::set<std::string> others;
    for (const auto& pattern : patterns) {
        const auto domain = pattern.starts_with("*.") ? pattern.substr(1) : pattern;
        const bool plain = exact_names(bare(domain), Transport::tcp);
        (plain ? all : others).insert(plain ? domain : pattern);
    }
    Domains domains;
    std::ranges::copy_if(all, std::back_inserter(domains.list), [&](const std::string& domain) {
        return std::ranges::none_of(all,
                                    [&](const auto& wide) { return name_covers(wide, domain); });
    });
    domains.others.assign(others.begin(), others.end());
    return domains;
}

}  // namespace turnpike::catalog
