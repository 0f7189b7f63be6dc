// How far away a packet came from, told by its hop limit, and whether it came from as far as the
// server's others (docs/verdicts.md, "The server itself").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/ledger.h"
#include "verdict/flow_digests.h"

namespace turnpike::verdict {

/// Hops that a packet travelled: the difference to the initial hop limit that hosts use (64, 128 or
/// 255), whichever is next above.
int hop_count(std::uint8_t hop_limit) noexcept;

/// Whether a packet in a server's name came from where the server is.
enum class Distance : std::uint8_t {
    unknown,      ///< there is nothing to compare it with
    servers_own,  ///< as many hops as the server's other packets, within one
    elsewhere,    ///< two hops off, or more
};

/// The distances of the servers that refused something.
class HopCounts {
  public:
    /// `past` (or null) knows of flows that left the observation.
    explicit HopCounts(const facts::Observation& observation, const Ledger* past = nullptr);
    /// The same for whoever goes through the flows anyhow: `look_at` each, then `learn` from all.
    HopCounts() = default;
    void look_at(const facts::Flow& flow, const Ledger* past);
    void learn(const facts::Observation& observation, const FlowDigests& digests);

    /// Compares a packet that came in the name of the flow's server with that server's packets in
    /// other flows, and only without any with those of this flow, for a device that answers in the
    /// server's name answers the whole flow.
    [[nodiscard]] Distance compare(const facts::Flow& flow, std::uint8_t hop_limit) const;
    /// Of a flow that was refused: the hops that its server's packets travelled in another flow;
    /// nothing without one.
    [[nodiscard]] std::optional<int> in_other_flows(const facts::Flow& flow) const;
    /// The same of a flow in which that server sent payload: who only refuses may stand in its
    /// place.
    [[nodiscard]] std::optional<int> where_it_spoke(const facts::Flow& flow) const;
    /// The packet came from at least three hops nearer than any other public server that answered.
    [[nodiscard]] bool nearer_than_servers(const facts::Flow& flow, std::uint8_t hop_limit) const;

  private:
    struct Sample {
        std::uint64_t flow = 0;  ///< Flow::id; 0: of a flow that is gone
        int hops = 0;
        bool spoke = true;  ///< the host sent payload there
    };
    struct Nearest {
        base::IpAddress server;
        int hops = 0;
    };
    template <typename Predicate>
    std::optional<int> sample_beside(const facts::Flow& flow, Predicate wanted) const;
    void learn(const facts::Flow& flow, const base::IpAddress& host, const facts::FlowEnd& sent);
    void learn_nearest(const facts::Flow& flow);
    void learn_nearest(const base::IpAddress& server, int hops);

    base::AddressMap<std::vector<Sample>> samples_;
    std::optional<Nearest> nearest_;
    std::optional<Nearest> second_nearest_;  ///< of another server
};

}  // namespace turnpike::verdict
