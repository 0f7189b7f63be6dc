// From the text of one vendor's file to its revisions; the format is described in
// catalog/README.md.
#pragma once

#include <string>
#include <vector>

#include "catalog/mistakes.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// A revision and where it stands in its file.
struct PlacedRevision {
    Revision revision;
    Place place;
};

/// The revisions of one file in its order. What is wrong goes to `mistakes`.
std::vector<PlacedRevision> read_vendor(const std::string& text, Mistakes& mistakes);

}  // namespace turnpike::catalog
