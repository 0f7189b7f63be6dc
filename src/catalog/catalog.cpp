#include "turnpike/catalog/catalog.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "catalog/syntax.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// A revision's place in its product's history: its date, or the date of the one listed before it.
struct Dated {
    Revision revision;
    std::optional<base::Timestamp> place;
};

std::vector<Dated> placed(std::vector<Revision> revisions) {
    std::map<std::pair<std::string, std::string>, std::optional<base::Timestamp>> latest;
    std::vector<Dated> result;
    result.reserve(revisions.size());
    for (auto& revision : revisions) {
        auto& before = latest[{revision.vendor, revision.product}];
        if (revision.date) {
            before = revision.date;
        }
        result.push_back({std::move(revision), before});
    }
    return result;
}

struct SelectorParts {
    std::string_view vendor;
    std::string_view product;
    std::string_view revision;
};

SelectorParts split(std::string_view selector) noexcept {
    SelectorParts parts;
    if (const auto at = selector.find('@'); at != std::string_view::npos) {
        parts.revision = selector.substr(at + 1);
        selector = selector.substr(0, at);
    }
    const auto slash = selector.find('/');
    parts.vendor = selector.substr(0, slash);
    parts.product =
        slash == std::string_view::npos ? std::string_view{} : selector.substr(slash + 1);
    return parts;
}

bool fits(const Revision& revision, const SelectorParts& parts) noexcept {
    return revision.vendor == parts.vendor &&
           (parts.product.empty() || revision.product == parts.product) &&
           (parts.revision.empty() ? revision.current : revision.revision == parts.revision);
}

}  // namespace

std::string Destinations::text() const {
    std::vector<std::string> parts;
    std::ranges::transform(names, std::back_inserter(parts), &NamePattern::text);
    std::ranges::transform(prefixes, std::back_inserter(parts),
                           [](const auto& prefix) { return base::to_string(prefix); });
    if (any) {
        parts.emplace_back("ANY");
    }
    if (!reference.empty()) {
        parts.push_back(reference);
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

bool Circumstance::met_by(std::string_view value) const {
    return std::ranges::any_of(values, [&](const std::string& wanted) {
        return key == "version" ? is_version(value) && version_within(value, wanted)
                                : base::equals_ignoring_case(value, wanted);
    });
}

Lifecycle Rule::lifecycle_at(base::Timestamp time) const noexcept {
    if (effective_until && time >= *effective_until) {
        return Lifecycle::retired;
    }
    if (effective_from && time < *effective_from) {
        return Lifecycle::announced;
    }
    if (effective_until) {
        return Lifecycle::retiring;
    }
    return effective_from && lifecycle == Lifecycle::announced ? Lifecycle::active : lifecycle;
}

Catalog::Catalog(std::vector<Revision> revisions) {
    auto dated = placed(std::move(revisions));
    std::ranges::stable_sort(dated, [](const Dated& a, const Dated& b) {
        return std::tie(a.revision.vendor, a.revision.product, a.place) <
               std::tie(b.revision.vendor, b.revision.product, b.place);
    });
    revisions_.reserve(dated.size());
    for (auto& entry : dated) {
        revisions_.push_back(std::move(entry.revision));
    }
    for (auto revision = revisions_.begin(); revision != revisions_.end(); ++revision) {
        const auto next = std::next(revision);
        revision->current = next == revisions_.end() || next->vendor != revision->vendor ||
                            next->product != revision->product;
    }
}

std::vector<const Revision*> Catalog::current() const {
    std::vector<const Revision*> result;
    for (const auto& revision : revisions_) {
        if (revision.current) {
            result.push_back(&revision);
        }
    }
    return result;
}

std::vector<const Revision*> Catalog::select(std::string_view selector) const {
    const auto parts = split(selector);
    std::vector<const Revision*> result;
    for (const auto& revision : revisions_) {
        if (fits(revision, parts)) {
            result.push_back(&revision);
        }
    }
    if (!result.empty()) {
        return result;
    }
    if (revisions_.empty()) {
        throw base::Error(base::ExitStatus::usage,
                          fmt::format("\"{}\": the catalog is empty", base::escape(selector)));
    }
    throw base::Error(
        base::ExitStatus::usage,
        fmt::format("\"{}\" names nothing in the catalog; did you mean {}? (turnpike catalog list "
                    "shows everything)",
                    base::escape(selector), nearest_selector(selector)));
}

std::string Catalog::nearest_selector(std::string_view selector) const {
    std::string best;
    auto least = std::numeric_limits<std::size_t>::max();
    const auto consider = [&](std::string candidate) {
        if (const auto distance = base::edit_distance(selector, candidate); distance < least) {
            least = distance;
            best = std::move(candidate);
        }
    };
    const bool with_revision = selector.find('@') != std::string_view::npos;
    const bool with_product = selector.find('/') != std::string_view::npos;
    for (const auto& revision : revisions_) {
        if (with_revision) {
            consider(revision.selector());
        } else if (with_product) {
            consider(revision.vendor + '/' + revision.product);
        } else {
            consider(revision.vendor);
        }
    }
    return best;
}

std::vector<const Revision*> Catalog::with_includes(
    const std::vector<const Revision*>& chosen) const {
    std::vector<const Revision*> result;
    const auto visit = [&](const auto& self, const Revision* revision) -> void {
        if (std::ranges::find(result, revision) != result.end()) {
            return;
        }
        result.push_back(revision);
        for (const auto& selector : revision->includes) {
            for (const auto* included : select(selector)) {
                self(self, included);
            }
        }
    };
    for (const auto* revision : chosen) {
        visit(visit, revision);
    }
    return result;
}

std::vector<Requirement> requirements_of(const Revision& revision) {
    std::vector<Requirement> result;
    for (const auto& rule : revision.rules) {
        for (const auto& port : rule.ports) {
            result.push_back({&revision, &rule, &port});
        }
    }
    return result;
}

}  // namespace turnpike::catalog
