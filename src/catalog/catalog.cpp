// Orders a product's revisions, finds the current ones, and lists the requirements of each.
#include "turnpike/catalog/catalog.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "catalog/references.h"
#include "catalog/syntax.h"
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

}  // namespace

std::string reference_text(const Destinations& all) {
    if (all.fed) {
        return fmt::format("{} ({} networks)", all.reference, all.prefixes.size());
    }
    const auto feed = feed_of(all.reference);
    return feed && all.unknown() ? fmt::format("{} (never loaded: turnpike catalog refresh {})",
                                               all.reference, feed->selector())
                                 : all.reference;
}

std::string Destinations::text() const {
    std::vector<std::string> parts;
    std::ranges::transform(names, std::back_inserter(parts), &NamePattern::text);
    if (!fed) {
        std::ranges::transform(prefixes, std::back_inserter(parts),
                               [](const auto& prefix) { return base::to_string(prefix); });
    }
    if (any) {
        parts.emplace_back("ANY");
    }
    if (!reference.empty()) {
        parts.push_back(reference_text(*this));
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

Catalog::Catalog(std::vector<Revision> revisions, std::vector<NamePattern> public_ech_names,
                 std::vector<Feed> feeds)
    : public_ech_names_(std::move(public_ech_names)), feeds_(std::move(feeds)) {
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
        revision->newest = next == revisions_.end() || next->vendor != revision->vendor ||
                           next->product != revision->product;
        revision->current = revision->newest && revision->superseded_by.empty() && !revision->feed;
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

std::string Requirement::key() const {
    return fmt::format("{} {} {} {}", revision->selector(), rule->id, to_string(port->transport),
                       port->text);
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
