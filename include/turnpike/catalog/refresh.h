// The lists that vendors publish for machines, as new revisions of the catalog.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/diff.h"

namespace turnpike::catalog {

/// A feed's text and what its server said of it.
struct FeedInput {
    std::string text;
    std::string file;  ///< for messages
    std::string etag;  ///< empty: none
    base::Timestamp today;
    std::optional<base::Timestamp> changed;  ///< the revision of a list that names no day itself
};

/// A feed's newest state, which may be what is known already.
struct Refreshed {
    std::string yaml;  ///< a vendor's file with that one revision
    std::string file;  ///< its name in a catalog: "zoom-feed-meetings-2026-11-22.yaml"
    Catalog catalog;   ///< the same, read
    const Revision* before = nullptr;  ///< the newest revision in `known`; null: there was none
    bool changed = true;               ///< says something else than `before`
    bool shrunk = false;  ///< more than half of what `before` leads to is gone: look at it
    std::vector<std::string> warnings;
    /// The feed's new state; lives as long as `catalog`.
    [[nodiscard]] const Revision& revision() const { return catalog.revisions().front(); }
};

/// Reads a feed. Rows that `known` holds under the same product and id keep what the feed does not
/// say (purpose, protocols, alternatives, notes), and names and networks that the vendor's other
/// entries call shared stay so. Throws base::Error (bad_input) with every mistake, one a line, if
/// the text is no such list, is older than what is known, or leads where no public list can:
/// private addresses, networks as wide as a continent, names that cover a public suffix.
Refreshed refresh(const Catalog& known, const Feed& feed, const FeedInput& input);

/// The feeds that words name ("zoom", "zoom/feed-meetings"); all without words. Throws base::Error
/// (usage) for a word that names none. They point into the catalog.
std::vector<const Feed*> select_feeds(const Catalog& catalog,
                                      const std::vector<std::string>& words);

/// The newest revision of a feed's product; null if there is none.
const Revision* newest_of(const Catalog& catalog, const Feed& feed);

}  // namespace turnpike::catalog
