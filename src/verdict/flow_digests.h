// The little that is asked of every flow when flows are compared with each other.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "turnpike/attribute/attribution.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// Of a host or a name: equal ones have equal digests, different ones hardly ever. 0 for none.
using Digest = std::uint32_t;
Digest digest_of(const base::IpAddress& address) noexcept;
Digest digest_of(std::string_view text);
/// Hosts or names to look for.
using DigestSet = boost::unordered_flat_set<Digest, base::KeyedNumberHash>;

struct FlowDigest {
    Digest client = 0;
    Digest server = 0;
    Digest name = 0;          ///< its own or by DNS; none before `attributed`
    bool rules = false;       ///< it is attributed to some; false before `attributed`
    bool of_session = false;  ///< its client's port may tell which session it belongs to
    bool ice = false;         ///< StunFacts::ice
    bool through_proxy = false;
};

/// Going through all flows waits for memory. Whoever looks for a few of them asks their digests
/// first, which take a sixteenth of it.
class FlowDigests {
  public:
    /// Of all flows.
    explicit FlowDigests(const facts::Observation& observation);
    /// The same for whoever goes through the flows anyhow: `add` each, in order.
    FlowDigests() = default;
    void reserve(std::size_t flows) { digests_.reserve(flows); }
    void add(const facts::Flow& flow);
    /// It is known where they lead.
    void attributed(const attribute::FlowAttributions& attributions);

    [[nodiscard]] const FlowDigest& operator[](std::size_t flow) const noexcept {
        return digests_[flow];
    }
    [[nodiscard]] std::size_t size() const noexcept { return digests_.size(); }
    /// Indexes of the flows that have to do with a vendor, in order: by rules, by their name, or by
    /// a protocol that one vendor alone speaks.
    [[nodiscard]] std::span<const std::uint32_t> of_vendors() const noexcept { return of_vendors_; }
    /// Indexes of the flows with a name, in order.
    [[nodiscard]] std::span<const std::uint32_t> named() const noexcept { return named_; }

  private:
    std::vector<FlowDigest> digests_;
    std::vector<std::uint32_t> by_protocol_;  ///< those of a protocol of one vendor
    std::vector<std::uint32_t> of_vendors_;
    std::vector<std::uint32_t> named_;
};

/// What one vendor alone speaks.
bool is_vendors_protocol(facts::Protocol protocol) noexcept;

}  // namespace turnpike::verdict
