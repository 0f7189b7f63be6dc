// What an observation gave up to stay within its memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// The entry of CaptureQuality::problems, of the protocol "flow", that counts flows which nobody
/// answered and which were let go.
inline constexpr std::string_view given_up_reason = "given up to stay within the memory bound";

/// How many flows were given up.
std::uint64_t flows_given_up(const CaptureQuality& quality) noexcept;

}  // namespace turnpike::facts
