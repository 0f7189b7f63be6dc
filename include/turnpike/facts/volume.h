// How much a flow carried: where nothing tells media from anything else, that has to.
#pragma once

#include <algorithm>
#include <chrono>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// Both ends sent at least 50 packets and 20 kB, over at least 5 s (verdict rules, "Alternatives").
[[nodiscard]] inline bool carries_much(const Flow& flow) noexcept {
    constexpr std::uint64_t least_packets = 50;
    constexpr std::uint64_t least_bytes = 20'000;
    constexpr base::Duration least_duration = std::chrono::seconds{5};
    return std::ranges::all_of(flow.ends, [&](const FlowEnd& sent) {
        return sent.packets >= least_packets && sent.bytes >= least_bytes &&
               sent.last.time - sent.first.time >= least_duration;
    });
}

}  // namespace turnpike::facts
