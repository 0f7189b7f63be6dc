// Which names a client had resolved to an address when a flow began.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/attribute/address_sieve.h"
#include "turnpike/base/blocks.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"

namespace turnpike::attribute {

/// A name that led to an address. Views into the observation.
struct ResolvedName {
    std::string_view name;
    bool alias = false;         ///< a CNAME on the way, not the name that was asked for
    bool other_client = false;  ///< another client's answer, for want of one of its own
};

/// The times in which an address was known by a name, or rather by a chain of them (a number).
class Leases {
  public:
    /// One stretch of time in which the address was known by the names of a chain.
    struct Lease {
        std::uint32_t chain = 0;
        std::uint32_t rank = 0;  ///< leases are numbered as they are added
        base::Timestamp from;
        base::Timestamp until;
    };

    /// Adds a lease of [`from`, `until`]. Not after `settle`.
    void add(std::uint32_t chain, base::Timestamp from, base::Timestamp until);
    /// Makes one lease of those by one chain that touch. To be called once, after all of `add`.
    void settle();
    /// Calls `visit` with the leases that held at `when`, the latest first, until it returns false.
    template <typename Visit>
    void each_latest(base::Timestamp when, Visit visit) const;

  private:
    void join();
    template <typename Visit>
    bool visit_below(std::size_t node, std::size_t begin, std::size_t end, base::Timestamp when,
                     Visit& visit) const;

    std::vector<Lease> all_;                   ///< by rank; after `settle` by beginning
    std::vector<base::Timestamp> latest_end_;  ///< heap-shaped: of those below a node; if many
};

/// The DNS answers of an observation to the addresses that its flows lead to, by client and
/// address. An answer counts from its arrival until its time to live plus a grace period is over:
/// resolvers' stubs and browsers keep using an address for a while after that.
///
/// Whoever sends answers chooses names, aliases and addresses, so the cost must be that of reading
/// them: an address refers to the names of its answer, one that no flow leads to is left out, and
/// who asks for an address with very many names gets the latest.
class Resolutions {
  public:
    /// Of an address with more names at one time (a sinkhole, a wildcard) none says much.
    static constexpr std::size_t most_names = 64;

    /// Reads every answered query of the observation, which must outlive this: names are views into
    /// it. Unspecified and loopback addresses, which filters answer with, lead nowhere and are left
    /// out.
    explicit Resolutions(const facts::Observation& observation);

    /// The names by which `client` knew `server`, the two ends of a flow of the observation, at
    /// `when`; its own answers first, and only without any those of other clients. In the order in
    /// which they were resolved first, `most_names` at most. `names` is cleared first.
    void find(const base::IpAddress& client, const base::IpAddress& server, base::Timestamp when,
              std::vector<ResolvedName>& names) const;

  private:
    /// A name that was asked for and the aliases behind it, in `names_`.
    struct Chain {
        std::size_t begin = 0;
        std::size_t size = 0;
    };
    /// A client, or none for all of them, and an address.
    using Ends = std::pair<base::IpAddress, base::IpAddress>;
    /// Nobody can make ends that differ and have one fingerprint: it is a hash under the key of
    /// this process.
    static std::uint64_t fingerprint(const Ends& ends) noexcept {
        return ends.first.hash(ends.second.hash());
    }

    std::uint32_t name_of(std::string_view text);
    std::uint32_t chain_of(const facts::DnsQuery& query);
    void want(const Ends& ends);
    /// The leases of ends that somebody wants, else null.
    Leases* wanted(const Ends& ends);
    void add(const facts::DnsQuery& query);
    void collect(const Ends& ends, base::Timestamp when, std::vector<ResolvedName>& names) const;

    AddressSieve answered_;                ///< addresses that some answer gave out
    std::vector<std::string_view> texts_;  ///< by name, a number
    std::vector<std::uint32_t> names_;
    std::vector<Chain> chains_;
    base::Blocks<Leases> leases_;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t>
        by_ends_;  ///< by fingerprint: index into leases_
    // Needed while it is filled only.
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> names_by_hash_;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> chains_by_hash_;
};

}  // namespace turnpike::attribute
