// What an observation gave up to stay within its memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// The entries of CaptureQuality::problems that count what was let go, by kind: "flow", "dns" ...
inline constexpr std::string_view given_up_reason = "given up to stay within the memory bound";
/// Those that count packets whose flow or message was not kept, for nothing was left to give up.
inline constexpr std::string_view no_room_reason = "no room within the memory bound";
/// Those that count packets whose flow or message was not kept, for there are as many of the kind
/// as there may be.
inline constexpr std::string_view too_many_reason = "too many to record";

/// How many flows, and rows of other kinds, were given up, and how many packets found no room.
struct GivenUp {
    std::uint64_t flows = 0;                 ///< of no vendor, as far as could be seen
    std::uint64_t rows = 0;                  ///< of no vendor either
    std::uint64_t packets_without_room = 0;  ///< of whatever vendor
    /// Something is missing here that was seen.
    [[nodiscard]] bool any() const noexcept {
        return flows > 0 || rows > 0 || packets_without_room > 0;
    }
};
/// Whether a problem is of those above: no fault of the capture, and told by a warning.
[[nodiscard]] bool is_given_up(std::string_view reason) noexcept;
/// The sums of what CaptureQuality::problems says under these reasons.
GivenUp given_up(const CaptureQuality& quality) noexcept;

}  // namespace turnpike::facts
