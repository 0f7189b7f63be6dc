// Octets as text in base64.
#pragma once

#include <string>

#include "turnpike/base/bytes.h"

namespace turnpike::base {

/// The octets in the alphabet of RFC 4648 4, padded, in one line.
std::string base64(Bytes octets);

}  // namespace turnpike::base
