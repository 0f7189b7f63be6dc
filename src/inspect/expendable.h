// What can be given up when memory runs short, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/facts/facts.h"
#include "turnpike/inspect/inspector.h"

namespace turnpike::inspect {

/// Ranks flows and DNS queries by how little they would be missed. Kept is what is a vendor's by
/// its network, its name or a DNS answer, and whatever the clients of those flows did besides (the
/// media of their calls may go anywhere).
class Expendable {
  public:
    /// Options::is_server and is_vendors_name say what is a vendor's. Both must live as long.
    Expendable(const facts::Observation& observation, const Options& options);

    /// By index; the oldest go first within each rank.
    struct GivenUp {
        std::vector<bool> flows;  ///< with all their rows
        std::vector<bool> queries;
        std::uint64_t flows_count = 0;
        std::uint64_t queries_count = 0;
    };
    /// What weighs `excess` octets, or all that there is. Once.
    [[nodiscard]] GivenUp choose(std::size_t excess);
    /// The same of queries alone: flows that are over are harvested soon.
    [[nodiscard]] GivenUp choose_queries(std::size_t excess) const;

  private:
    enum class Rank : std::uint8_t {
        nobody_answered,  ///< and nothing was understood of it
        one_sided,
        answered,
        kept,
    };
    void find_names();
    void look_at_flows();
    void weigh_rows();
    [[nodiscard]] Rank rank_of(std::size_t index) const;
    /// Ranks flows on the way; all of them, unless those that nobody answered are enough.
    void choose_unanswered(std::size_t& excess, GivenUp& given_up);
    void choose_flows(Rank rank, std::size_t& excess, GivenUp& given_up) const;
    void choose_flow(std::size_t index, Rank rank, std::size_t& excess, GivenUp& given_up) const;
    void choose_queries(std::size_t& excess, GivenUp& given_up) const;

    const facts::Observation& observation_;
    const Options& options_;
    std::vector<bool> vendors_query_;   ///< by index
    std::vector<bool> vendors_flow_;    ///< by index
    std::vector<std::size_t> weights_;  ///< of flows with their rows but for DNS
    std::vector<Rank> ranks_;           ///< of flows, as far as they were looked at
    base::AddressSet servers_;          ///< answers to queries for a vendor's names
    base::AddressSet clients_;          ///< of a vendor's flows and names
};

/// Closes the gaps that were left by what was given up, and brings everything back into the order
/// of its appearance.
void close_gaps(facts::Observation& observation);

}  // namespace turnpike::inspect
