// What changed between two revisions of a document, as a firewall's administrator needs it: what
// must be opened, what may be closed, and what changed in words only.
#pragma once

#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {

/// Port items of one rule, and those of its destinations that the other revision does not cover for
/// them.
struct Opening {
    const Rule* rule = nullptr;
    std::vector<const PortItem*> ports;  ///< of one transport; empty: the document states none
    std::vector<std::string> destinations;
};

/// Points into both revisions.
struct RevisionDiff {
    const Revision* before = nullptr;  ///< null: the revision is new
    const Revision* after = nullptr;   ///< null: the revision is gone
    std::vector<Opening> add;          ///< of `after`, not covered by `before`
    std::vector<Opening> remove;       ///< of `before`, no longer covered by `after`
    std::vector<std::string> words;    ///< "signaling: level required, was optional"
    /// Nothing differs that a firewall's administrator would have to know.
    [[nodiscard]] bool empty() const noexcept {
        return add.empty() && remove.empty() && words.empty();
    }
};

/// An opening counts as covered if the other revision opens the same direction and transport for a
/// port range and a destination that hold it: "*.example.com" covers a.example.com, a block its
/// parts, ANY everything.
RevisionDiff diff(const Revision& before, const Revision& after);

/// The revisions of two catalogs paired by selector; equal ones are left out. A revision of one
/// catalog only has `before` or `after` null and no openings.
std::vector<RevisionDiff> diff(const Catalog& before, const Catalog& after);

/// The differences for people or programs: text and markdown by revision, csv one line an opening,
/// json with everything.
std::string render_diff(const std::vector<RevisionDiff>& diffs, Format format);

}  // namespace turnpike::catalog
