// What flows and names said that are no longer in memory: a live run's requirements rest on all of
// them, not only on the recent ones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/catalog/index.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

/// Segments this large or larger, and only those, get lost where a path's MTU is too small for them
/// and nobody says so: octets of payload, 1280 of IPv6 minimum MTU less headers (RFC 8200 5).
inline constexpr std::uint16_t large_segment = 1200;

/// Counts reasons and keeps the best grade of each.
class ReasonTally {
  public:
    /// Counts one block. Of blocks with one reason the first stage and the best grade stay.
    void add(BlockReason reason, Stage stage, Grade grade);
    /// The most frequent reason, and among equals that of the better grade, goes to the verdict.
    void tell(RequirementVerdict& verdict) const;

  private:
    struct Entry {
        BlockReason reason;
        Stage stage;
        Grade grade;
        std::uint32_t count;
    };
    std::vector<Entry> entries_;
};

/// The flows that count for one requirement, summed up.
struct FlowTally {
    std::uint32_t passed = 0;
    std::uint32_t blocked = 0;
    std::uint32_t undecided = 0;
    std::uint32_t intermittent = 0;                              ///< of the undecided ones
    bool media = false;                                          ///< see RequirementVerdict
    InconclusiveReason inconclusive = InconclusiveReason::none;  ///< of the last undecided one
    ReasonTally reasons;
    std::optional<base::Timestamp> first_seen;
    std::optional<base::Timestamp> last_seen;

    /// Adds one flow with its verdict.
    void count(const facts::Flow& flow, const FlowVerdict& verdict);
};

/// Adds up what leaves the observation of a live run. Requirements are known by their words, so
/// that a catalog that is loaded again finds them.
class Ledger {
  public:
    /// What the verdict on a flow rested on that may have left meanwhile.
    struct Remembered {
        bool controlled = false;         ///< something of the same kind worked beside it
        std::uint64_t control = 0;       ///< Flow::id of that; 0 if an earlier database has it
        bool contradicted = false;       ///< the same client had reached the same endpoint
        std::string lost_as;             ///< the note of a losing candidate; empty if it is none
        std::optional<int> server_hops;  ///< that the server's packets travelled in another flow
        bool server_spoke = false;       ///< it sent payload there
    };
    /// One requirement's flows that are gone.
    struct Account {
        FlowTally tally;
        std::vector<std::uint64_t> flows;  ///< ids of a few that carry the status, latest first
    };
    /// One name's questions and flows that are gone.
    struct Name {
        bool resolved = false;
        bool zone_says_no = false;
        BlockReason reason = BlockReason::none;
        Grade grade = Grade::none;
        InconclusiveReason undecided = InconclusiveReason::none;
        std::vector<std::uint64_t> queries;  ///< ids of a few that failed
        std::optional<base::Timestamp> first_asked;
        std::optional<base::Timestamp> last_asked;
        bool flow_passed = false;
        BlockReason flow_blocked = BlockReason::none;
    };

    /// Takes down what is about to leave the observation: the flows and DNS queries (by index) that
    /// are not kept. Only what concerns a rule of the index is remembered. Of what is kept it
    /// remembers which blocks have a control, which may be what leaves.
    void settle(const facts::Observation& observation, const RunResult& result,
                const catalog::Index& index, const std::vector<bool>& kept_flows,
                const std::vector<bool>& kept_queries);
    /// A new run begins, in which flows that are still observed have other ids: `ids` has the new
    /// ones by the old ones. What their verdicts rest on stays known.
    void restart(const std::unordered_map<std::uint64_t, std::uint64_t>& ids);

    /// Null if no flow of the requirement is gone.
    [[nodiscard]] const Account* account(const catalog::Requirement& requirement) const;
    /// What was known of the flow (by id), which is still observed, when something was settled
    /// last; null if nothing that could have left since.
    [[nodiscard]] const Remembered* remembered(std::uint64_t flow) const;
    [[nodiscard]] const std::map<std::string, Name, std::less<>>& names() const noexcept {
        return names_;
    }
    /// The largest segment of this client that arrived in a flow that is gone, in octets of
    /// payload; 0 if none was large.
    [[nodiscard]] std::uint16_t large_segment_of(const base::IpAddress& client) const;

  private:
    void settle_flow(const facts::Flow& flow, const FlowVerdict& verdict,
                     const catalog::Index& index);
    void settle_query(const facts::DnsQuery& query, const NameOutcome& outcome,
                      const catalog::Index& index);
    void settle_grade(std::string_view name, Grade grade, const catalog::Index& index);
    void settle_segments(const facts::Flow& flow);
    void remember(const facts::Observation& observation, const RunResult& result,
                  const std::vector<bool>& kept_flows);
    Name* name_of_rule(std::string_view name, const catalog::Index& index);

    std::map<std::string, Account, std::less<>> accounts_;
    std::map<std::string, Name, std::less<>> names_;
    std::unordered_map<std::uint64_t, Remembered> remembered_;  ///< by Flow::id
    base::AddressMap<std::uint16_t> large_segments_;            ///< by client
};

}  // namespace turnpike::verdict
