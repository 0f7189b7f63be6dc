// Selectors: what people type to name products and revisions.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

struct Selector {
    std::string vendor;  ///< or an alias, where there is no product
    std::string product;
    std::string revision;
};

Selector split(std::string_view text) {
    const auto lowered = base::to_lower(text);
    std::string_view rest = lowered;
    Selector parts;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        parts.revision = rest.substr(at + 1);
        rest = rest.substr(0, at);
    }
    const auto slash = rest.find('/');
    parts.vendor = rest.substr(0, slash);
    parts.product = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    return parts;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_vendor(const Revision& revision, const std::string& word) {
    return revision.vendor == word || holds(revision.vendor_aliases, word);
}

bool is_product(const Revision& revision, const Selector& wanted) {
    if (wanted.product.empty()) {
        return is_vendor(revision, wanted.vendor) || holds(revision.product_aliases, wanted.vendor);
    }
    return is_vendor(revision, wanted.vendor) &&
           (revision.product == wanted.product || holds(revision.product_aliases, wanted.product));
}

// "2025-01" begins "2025-01-31", "2025-0" does not.
bool begins(std::string_view revision, std::string_view front) noexcept {
    return revision.starts_with(front) && revision.size() > front.size() &&
           revision[front.size()] == '-';
}

[[noreturn]] void refuse(std::string_view selector, const std::string& reason) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("\"{}\" {}", base::escape(selector), reason));
}

// The revisions of the chosen products that an "@..." names.
std::vector<const Revision*> dated(std::string_view selector, const std::string& wanted,
                                   const std::vector<const Revision*>& candidates) {
    std::vector<const Revision*> result;
    for (const auto* revision : candidates) {
        if (revision->revision == wanted) {
            result.push_back(revision);
        }
    }
    if (!result.empty()) {
        return result;
    }
    for (const auto* revision : candidates) {
        if (!begins(revision->revision, wanted)) {
            continue;
        }
        if (!result.empty() && result.back()->vendor == revision->vendor &&
            result.back()->product == revision->product) {
            refuse(selector, fmt::format("could be {} or {}; write more of the date",
                                         result.back()->selector(), revision->selector()));
        }
        result.push_back(revision);
    }
    return result;
}

// What a wrong word was most likely meant to be: the few nearest of everything one may type.
std::vector<std::string> nearest(const std::set<std::string>& known, const std::string& word) {
    constexpr std::size_t most = 3;
    std::vector<std::string> best;
    auto least = std::numeric_limits<std::size_t>::max();
    for (const auto& candidate : known) {
        const auto distance = base::edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            best.clear();
        }
        if (distance == least && best.size() < most) {
            best.push_back(candidate);
        }
    }
    return best;
}

std::set<std::string> everything_like(const std::vector<Revision>& revisions,
                                      const Selector& wanted) {
    std::set<std::string> known;
    std::set<std::string> products;
    for (const auto& revision : revisions) {
        const auto product = revision.vendor + '/' + revision.product;
        if (!wanted.revision.empty() && is_product(revision, wanted)) {
            known.insert(revision.selector());  // only the date is wrong
        } else if (wanted.product.empty()) {
            known.insert(revision.vendor);
            known.insert(revision.vendor_aliases.begin(), revision.vendor_aliases.end());
            known.insert(revision.product_aliases.begin(), revision.product_aliases.end());
        } else {
            known.insert(product);
        }
        if (revision.product == wanted.vendor ||
            base::to_lower(revision.vendor_name) == wanted.vendor) {
            products.insert(product);  // the vendor was left out
        }
    }
    if (wanted.product.empty() && !products.empty()) {
        return products;
    }
    if (std::ranges::any_of(known, [](const auto& word) { return word.contains('@'); })) {
        std::erase_if(known, [](const auto& word) { return !word.contains('@'); });
    }
    return known;
}

std::string asked(const Selector& wanted, bool with_revision) {
    auto text = wanted.vendor;
    text += wanted.product.empty() ? "" : '/' + wanted.product;
    return with_revision ? text + '@' + wanted.revision : text;
}

[[noreturn]] void refuse_unknown(std::string_view selector, const Selector& wanted,
                                 const std::vector<Revision>& revisions) {
    if (revisions.empty()) {
        refuse(selector, "names nothing: the catalog is empty");
    }
    const auto known = everything_like(revisions, wanted);
    const bool dates = known.begin()->contains('@');
    refuse(selector,
           fmt::format("names nothing in the catalog; did you mean {}? (turnpike catalog list "
                       "shows everything)",
                       fmt::join(nearest(known, asked(wanted, dates)), " or ")));
}

}  // namespace

std::vector<const Revision*> Catalog::select(std::string_view selector) const {
    const auto wanted = split(selector);
    std::vector<const Revision*> all;
    std::vector<const Revision*> undated;
    for (const auto& revision : revisions_) {
        if (!is_product(revision, wanted)) {
            continue;
        }
        all.push_back(&revision);
        // A vendor's name alone means what is in use; a product's name that product.
        const bool by_vendor = wanted.product.empty() && is_vendor(revision, wanted.vendor);
        if (by_vendor ? revision.current : revision.newest) {
            undated.push_back(&revision);
        }
    }
    auto result = wanted.revision.empty() ? undated : dated(selector, wanted.revision, all);
    if (result.empty()) {
        refuse_unknown(selector, wanted, revisions_);
    }
    return result;
}

std::vector<const Revision*> Catalog::choose(const std::vector<std::string>& selectors) const {
    if (selectors.empty()) {
        return current();
    }
    std::vector<const Revision*> chosen;
    for (const auto& selector : selectors) {
        for (const auto* revision : select(selector)) {
            if (std::ranges::find(chosen, revision) == chosen.end()) {
                chosen.push_back(revision);
            }
        }
    }
    return with_includes(chosen);
}

}  // namespace turnpike::catalog
