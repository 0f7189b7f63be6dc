// The answer of a cheap look at bytes.
#pragma once

#include <cstdint>

namespace turnpike::proto {

/// How likely bytes are a protocol's. `yes` may be acted on alone (magic numbers, lengths that fit
/// exactly); `maybe` needs support from the port, the far side or later packets.
enum class Likelihood : std::uint8_t { no, maybe, yes };

}  // namespace turnpike::proto
