// Rules that another rule of the same document makes needless.
#pragma once

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// A rule of the revision that covers every port and destination of `rule` and has the same
/// standing; null without any. Of two that cover each other the first counts.
const Rule* shadow_of(const Revision& revision, const Rule& rule);

}  // namespace turnpike::catalog
