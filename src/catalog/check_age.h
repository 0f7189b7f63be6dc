// How long ago somebody knew that a revision is what its vendor demands.
#pragma once

#include <vector>

#include "turnpike/catalog/check.h"

namespace turnpike::catalog {

/// A warning where a current revision is older than `staleness` allows, or tells no day at all.
void check_age(const Revision& revision, base::Timestamp today, const Staleness& staleness,
               std::vector<Finding>& findings);

}  // namespace turnpike::catalog
