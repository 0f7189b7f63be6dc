// Whether one destination or port item lies wholly within another.
#pragma once

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// Same transport, and the outer range holds the inner one.
bool covers(const PortItem& outer, const PortItem& inner) noexcept;

/// Every name that `inner` stands for is one that `outer` stands for. May say no where the stars
/// of both are too intricate to tell.
bool covers(const NamePattern& outer, const NamePattern& inner) noexcept;

bool covers(const base::Prefix& outer, const base::Prefix& inner) noexcept;

}  // namespace turnpike::catalog
