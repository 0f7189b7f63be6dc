// Tables by address, for keys that packets choose: nobody can make keys that collide.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "turnpike/base/ip_address.h"

namespace turnpike::base {

/// Values move when the table grows.
template <typename Value>
using AddressMap = boost::unordered_flat_map<IpAddress, Value, std::hash<IpAddress>>;
/// Addresses without values; elements move when the table grows, as in an AddressMap.
using AddressSet = boost::unordered_flat_set<IpAddress, std::hash<IpAddress>>;

}  // namespace turnpike::base
