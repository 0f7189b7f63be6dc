// The course of an audit: a plan's targets become attempts, and where a range passes in part, more
// of them, until the edges are found.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "turnpike/probe/attempt.h"
#include "turnpike/probe/plan.h"
#include "turnpike/probe/resolver.h"

namespace turnpike::probe {

/// An attempt that was made, and for which target.
struct Tried {
    std::size_t target = 0;  ///< index into Audit::plan().targets
    Attempt attempt;
    Made made;
};

/// Keeps the plan, what was tried and what came of it. Used by one thread.
class Audit {
  public:
    /// Makes the attempts and returns how each went, in their order.
    using MakeAll = std::function<std::vector<Made>(const std::vector<Attempt>&)>;

    /// `names`: what the plan's names resolved to. `responder`: its addresses, one a family.
    Audit(Plan plan, std::map<std::string, Addresses> names, std::vector<base::IpAddress> responder,
          PlanOptions options);

    /// Makes every attempt, tries what failed in a range that else passes once more, and narrows
    /// the edges down. `stopped`: no more rounds.
    void run(const MakeAll& make, const std::function<bool()>& stopped);

    /// With the targets that narrowing added.
    [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
    [[nodiscard]] const std::vector<Tried>& tried() const noexcept { return tried_; }
    /// Names that led to no address that may be tried, one line each.
    [[nodiscard]] const std::vector<std::string>& unresolved() const noexcept {
        return unresolved_;
    }

  private:
    void prepare(std::size_t target, std::vector<Tried>& round);
    void prepare(std::size_t target, const base::IpAddress& address, std::vector<Tried>& round);
    void make(std::vector<Tried> round, const MakeAll& make);
    [[nodiscard]] std::vector<Tried> once_more() const;
    std::vector<Tried> edges();

    Plan plan_;
    std::map<std::string, Addresses> names_;
    std::vector<base::IpAddress> responder_;
    PlanOptions options_;
    std::vector<Tried> tried_;
    std::vector<std::string> unresolved_;
};

/// An address that an answer may name and that attempts may go to: of a host, not of this one.
bool may_be_tried(const base::IpAddress& address) noexcept;

}  // namespace turnpike::probe
