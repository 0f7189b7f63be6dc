// How long a fact of a live run stays in memory: until no verdict can rest on it any more.
#pragma once

#include "turnpike/catalog/index.h"
#include "turnpike/gather/window.h"
#include "turnpike/verdict/result.h"

namespace turnpike::gather {

/// Bounds of the window. What exceeds them goes early, oldest first.
struct Bounds {
    std::size_t flows = 1'000'000;  ///< that ended
    std::size_t queries = 300'000;
    std::size_t octets = std::size_t{256} << 20U;   ///< of queries, and of STUN transactions
    std::size_t foreign = std::size_t{256} << 20U;  ///< octets of queries for names of no vendor
};

/// What has to stay. Flows that are followed always do. Of those that ended:
/// - a vendor's flow, for its session vouches for others and it may be the control of a block;
/// - blocks that may still be contradicted, and of what worked lately the newest of each kind
///   (client, endpoint and name), as controls;
/// - others only until stragglers cannot change their verdict.
/// A DNS answer stays while clients may use it: the vendors' by their time to live, others briefly.
/// What the attribution of a flow that stays rests on (the answer that named it, the session that
/// vouches for it) stays with it: the window is judged anew each time.
class Retention {
  public:
    /// `bounds`: how much of the window may stay.
    explicit Retention(Bounds bounds = {}) : bounds_(bounds) {}

    /// So many ended flows wait for `choose` that it must not wait for the usual time.
    [[nodiscard]] bool is_due(const Window& window) const {
        return window.observation().flows.size() > 2 * (bounds_.flows + window.flows_followed());
    }
    /// What of the window stays, by index. `result` is the verdict on the window as it is now;
    /// `index` has the rules that flows were attributed by.
    [[nodiscard]] Kept choose(const Window& window, const verdict::RunResult& result,
                              const catalog::Index& index) const;

  private:
    Bounds bounds_;
};

}  // namespace turnpike::gather
