// What became of each packet of one flow between two captures.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compare/clock.h"
#include "turnpike/compare/compare.h"

namespace turnpike::compare {

/// A packet on its way through; times are those of the inner clock.
struct Step {
    base::Timestamp time;
    const Sighting* sighting = nullptr;
    std::uint64_t key = 0;        ///< equal for the same packet on both sides
    std::uint32_t sequence = 0;   ///< of TCP, in the numbering of the inner capture
    const Step* other = nullptr;  ///< the same packet on the other side
    bool accounted = false;       ///< found again, be it in pieces or rewritten
};

/// The packets of one direction on both sides, each in order of time.
struct Lane {
    std::vector<Step> entering;
    std::vector<Step> leaving;
};

/// Finds each packet of one side on the other.
/// - The same numbers and content: a retransmission is told from the original by time and IP id.
/// - TCP: octets that the other side has in other pieces (segments are split and put together by
///   network cards).
/// - UDP: a datagram whose payload a gateway rewrote, if just one came in and one went out.
/// Returns how many were rewritten.
std::uint64_t match(Lane& lane, bool tcp);

/// When one capture was recording, by the inner clock.
class Recording {
  public:
    Recording(const facts::CaptureQuality& quality, const Clock* clock);

    /// Whether a packet that should have come at that time, or a little later, would have been
    /// seen.
    [[nodiscard]] bool would_have_seen(base::Timestamp time) const noexcept;

  private:
    base::Timestamp from_;
    base::Timestamp to_;
    std::vector<facts::Stretch> losses_;
};

/// Sums up a matched lane between the sides where its packets enter and leave. `made` takes the
/// numbers of the packets that left without having entered.
facts::Way sum_up(const Lane& lane, const Recording& entrance, const Recording& exit,
                  std::vector<std::uint64_t>& made);

}  // namespace turnpike::compare
