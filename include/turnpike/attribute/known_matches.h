// What the catalog says of names and addresses, kept while flows are gone through.
#pragma once

#include <vector>

#include "turnpike/attribute/memo.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/catalog/index.h"

namespace turnpike::attribute {

/// A name as flows give it.
struct KnownName {
    base::IpAddress address;  ///< if it is the text of one; else none
    std::vector<catalog::NameMatch> patterns;
};

/// Not thread-safe: one for each thread.
struct KnownMatches {
    AddressMemo<std::vector<catalog::AddressMatch>> addresses;
    NameMemo<KnownName> names;
};

}  // namespace turnpike::attribute
