// Whether waiting was recorded: silence counts only while the capture that saw the attempt went on
// (docs/verdicts.md, "Recorded time").
#pragma once

#include <cstdint>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

using namespace std::chrono_literals;

/// How long an answer may take before silence counts.
inline constexpr base::Duration patience = 3s;

/// Knows of every recording when it went on. Files that continue each other are one recording: the
/// same link type, no overlap in time, at most 60 s apart, and the same hosts, as rotation leaves
/// them. A file of another network that happens to begin then continues nothing.
class RecordedTime {
  public:
    explicit RecordedTime(const facts::Observation& observation);

    /// The recording holds a packet between 3 s and 60 s after this time.
    [[nodiscard]] bool went_on_after(std::uint32_t tap, base::Timestamp time) const;

  private:
    std::vector<std::size_t> chain_of_;                ///< by tap
    std::vector<std::vector<facts::Stretch>> chains_;  ///< each in order of time, none overlapping
};

}  // namespace turnpike::verdict
