// Compares port items, name patterns and prefixes: does one hold all of the other?
#include "catalog/coverage.h"

#include <string_view>

namespace turnpike::catalog {

bool covers(const PortItem& outer, const PortItem& inner) noexcept {
    return outer.transport == inner.transport && outer.stated == inner.stated &&
           outer.first <= inner.first && inner.last <= outer.last;
}

bool covers(const NamePattern& outer, const NamePattern& inner) noexcept {
    if (outer.text == inner.text) {
        return true;
    }
    const std::string_view narrow = inner.text;
    // ".x" also stands for x itself, which "*.x" does not; below x both stand for the same.
    if (narrow.starts_with('.')) {
        return outer.matches(narrow.substr(1)) && outer.matches("a" + inner.text) &&
               (outer.text.starts_with('.') || outer.text.starts_with('*'));
    }
    if (narrow.starts_with('*')) {
        // What the star stands for is unbounded, so only an equally open front can hold it.
        const bool open = outer.text.starts_with('.') || outer.text.starts_with('*');
        return open && outer.matches("a" + inner.text.substr(1)) &&
               outer.matches("a.b" + inner.text.substr(1));
    }
    return outer.matches(narrow);
}

bool covers(const base::Prefix& outer, const base::Prefix& inner) noexcept {
    return outer.length <= inner.length && outer.contains(inner.address);
}

}  // namespace turnpike::catalog
