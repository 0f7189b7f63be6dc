// Which flows can be given up when memory runs short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <unordered_set>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::inspect {

/// What a flow takes, with its state while it is followed and the verdict on it later: measured,
/// with a margin.
inline constexpr std::size_t octets_of_a_flow = 2'000;

/// What the facts take, roughly, with all that is made of them.
std::size_t octets_of(const facts::Observation& observation) noexcept;

/// Tells flows that nobody would miss: nobody answered, nothing was understood of them, no row
/// refers to them, and their far end is neither in a network of the catalog nor was it the answer
/// to a DNS query.
class Expendable {
  public:
    static constexpr std::uint32_t gone = std::numeric_limits<std::uint32_t>::max();
    struct Kept {
        std::vector<std::uint32_t> index;  ///< the new place of each flow, or `gone`
        std::size_t given_up = 0;
    };

    Expendable(const facts::Observation& observation,
               const std::function<bool(const base::IpAddress&)>& is_server);

    /// Gives up so many at most, the oldest first; the others keep their order.
    [[nodiscard]] Kept renumber(std::size_t most) const;
    /// Moves flows to their new places, and rows refer to them there.
    static void move(const Kept& kept, facts::Observation& observation);

  private:
    [[nodiscard]] bool contains(const facts::Flow& flow) const;

    const facts::Observation& observation_;
    const std::function<bool(const base::IpAddress&)>& is_server_;
    std::unordered_set<base::IpAddress> named_;  ///< answers to DNS queries
};

}  // namespace turnpike::inspect
