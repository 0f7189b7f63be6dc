// Selectors: what people type to name products and revisions.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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

// "Google Meet", "google_meet" and "google-meet" are one word to those who type them.
std::string squeezed(std::string_view word) {
    std::string letters;
    std::ranges::copy_if(word, std::back_inserter(letters),
                         [](char c) { return c != ' ' && c != '-' && c != '_'; });
    return letters;
}

bool alike(std::string_view known, std::string_view word) {
    return known == word || squeezed(known) == squeezed(word);
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::any_of(words, [word](const auto& known) { return alike(known, word); });
}

bool is_vendor(const Revision& revision, std::string_view word) {
    return alike(revision.vendor, word) || holds(revision.vendor_aliases, word);
}

bool is_product(const Revision& revision, const Selector& wanted) {
    if (wanted.product.empty()) {
        return is_vendor(revision, wanted.vendor) ||
               holds(revision.product_aliases, wanted.vendor) ||
               alike(revision.vendor + revision.product, wanted.vendor);  // "microsoft teams"
    }
    return is_vendor(revision, wanted.vendor) && (alike(revision.product, wanted.product) ||
                                                  holds(revision.product_aliases, wanted.product));
}

// "2025-01" begins "2025-01-31", "2025-0" does not.
bool begins(std::string_view revision, std::string_view front) noexcept {
    return revision.starts_with(front) && revision.size() > front.size() &&
           revision[front.size()] == '-';
}

[[noreturn]] void refuse_selector(std::string_view selector, const std::string& reason) {
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
            refuse_selector(selector, fmt::format("could be {} or {}; write more of the date",
                                                  result.back()->selector(), revision->selector()));
        }
        result.push_back(revision);
    }
    return result;
}

// What a wrong word was most likely meant to be: the few nearest of everything one may type. None
// where it would be no slip.
std::vector<std::string> nearest(const std::set<std::string>& known, const std::string& word) {
    constexpr std::size_t most = 3;
    std::vector<std::string> best;
    auto least = base::most_slips(word) + 1;
    for (const auto& candidate : known) {
        const auto distance = base::edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            best = {candidate};
        } else if (distance == least && !best.empty() && best.size() < most) {
            best.push_back(candidate);
        }
    }
    return best;
}

std::string text_of(const Selector& wanted) {
    auto text = wanted.vendor;
    text += wanted.product.empty() ? "" : '/' + wanted.product;
    return wanted.revision.empty() ? text : text + '@' + wanted.revision;
}

// What may have been meant: a date where only that is wrong, the products of that name where the
// vendor was left out, what is near of all products or all words, else what the first word names.
std::vector<std::string> alternatives_to(const Selector& wanted,
                                         const std::vector<Revision>& revisions) {
    std::set<std::string> dates;
    std::set<std::string> namesakes;
    std::set<std::string> relatives;
    std::set<std::string> products;
    std::set<std::string> words;
    for (const auto& revision : revisions) {
        const auto product = revision.vendor + '/' + revision.product;
        products.insert(product);
        words.insert(revision.vendor);
        words.insert(revision.vendor_aliases.begin(), revision.vendor_aliases.end());
        words.insert(revision.product_aliases.begin(), revision.product_aliases.end());
        if (is_product(revision, wanted)) {
            dates.insert(revision.selector());
        }
        if (alike(revision.product, wanted.vendor)) {
            namesakes.insert(product);
        }
        if (is_product(revision, {wanted.vendor, {}, {}})) {
            relatives.insert(product);
        }
    }
    if (dates.empty() && wanted.product.empty() && !namesakes.empty()) {
        return {namesakes.begin(), namesakes.end()};
    }
    const auto& known = !dates.empty() ? dates : wanted.product.empty() ? words : products;
    auto near = nearest(known, text_of(wanted));
    return near.empty() ? std::vector<std::string>(relatives.begin(), relatives.end()) : near;
}

[[noreturn]] void refuse_unknown(std::string_view selector, const Selector& wanted,
                                 const std::vector<Revision>& revisions) {
    if (revisions.empty()) {
        refuse_selector(selector, "names nothing: the catalog is empty");
    }
    const auto meant = alternatives_to(wanted, revisions);
    refuse_selector(
        selector,
        fmt::format(
            "names nothing in the catalog; {}turnpike catalog list shows "
            "everything{}",
            meant.empty() ? "" : fmt::format("did you mean {}? (", fmt::join(meant, " or ")),
            meant.empty() ? "" : ")"));
}

}  // namespace

std::vector<const Revision*> Catalog::select(std::string_view selector) const {
    if (selector.ends_with('/') || selector.ends_with('@') || selector.contains("/@")) {
        refuse_selector(selector,
                        "ends too soon; write vendor, vendor/product or "
                        "vendor/product@revision");
    }
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
