// The capture-quality gate: what this capture could not have seen.
#pragma once

#include <unordered_map>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// Says for which flows silence proves nothing.
class Visibility {
  public:
    explicit Visibility(const facts::Observation& observation);

    /// Only one direction of this client's traffic is in the capture, and it behaves as if
    /// answered.
    [[nodiscard]] bool one_sided(const base::IpAddress& client) const;
    [[nodiscard]] bool any_one_sided() const noexcept { return !one_sided_.empty(); }
    /// Only one direction of this flow was seen, and the visible side behaves as if answered.
    static bool behaves_as_answered(const facts::Flow& flow) noexcept;
    /// The capture lost packets between these times, or at unknown times often enough to matter.
    [[nodiscard]] bool lost_between(base::Timestamp from, base::Timestamp to) const noexcept;
    [[nodiscard]] bool lossy() const noexcept { return lossy_throughout_; }

  private:
    void find_one_sided(const facts::Observation& observation);

    std::unordered_map<base::IpAddress, bool> one_sided_;
    std::vector<facts::PacketMark> losses_;  ///< by time
    bool lossy_throughout_ = false;
};

}  // namespace turnpike::verdict
