// The answer of a cheap look at octets.
#pragma once

#include <cstdint>

namespace turnpike::proto {

/// How likely octets are a protocol's. `yes` may be acted on alone (magic numbers, lengths that fit
/// exactly); `maybe` needs support from the port, the far side or later packets.
enum class Likelihood : std::uint8_t {
    no,     ///< it is not
    maybe,  ///< it may be
    yes,    ///< it is
};

}  // namespace turnpike::proto
