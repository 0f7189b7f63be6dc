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
/// What one vendor alone speaks.
bool is_vendors_protocol(facts::Protocol protocol) noexcept;

struct FlowDigest {
    Digest client = 0;
    Digest server = 0;
    Digest name = 0;              ///< its own or by DNS; none before `attributed`
    bool rules : 1 = false;       ///< it is attributed to some; false before `attributed`
    bool of_session : 1 = false;  ///< its client's port may tell which session it belongs to
    bool ice : 1 = false;         ///< StunFacts::ice
    bool through_proxy : 1 = false;
    bool vendors_protocol : 1 = false;  ///< see is_vendors_protocol
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
    /// These flows (by index) stand in no list from here on.
    void leave_out(const std::vector<bool>& flows);

    [[nodiscard]] const FlowDigest& operator[](std::size_t flow) const noexcept {
        return digests_[flow];
    }
    [[nodiscard]] std::size_t size() const noexcept { return digests_.size(); }
    /// Calls `visit` with the index of each flow that has an end among these hosts, in order.
    /// Others hardly ever are among them, which is for the visitor to tell.
    template <typename Visit>
    void for_each_at(const DigestSet& hosts, Visit visit) const {
        for (std::size_t i = 0; i < digests_.size(); ++i) {
            if (hosts.contains(digests_[i].client) || hosts.contains(digests_[i].server)) {
                visit(i);
            }
        }
    }
    /// Indexes of the flows that have to do with a vendor, in order: by rules, by their name, or by
    /// a protocol that one vendor alone speaks.
    [[nodiscard]] std::span<const std::uint32_t> of_vendors() const noexcept { return of_vendors_; }
    /// Indexes of the flows with a name, in order.
    [[nodiscard]] std::span<const std::uint32_t> named() const noexcept { return named_; }

  private:
    std::vector<FlowDigest> digests_;
    std::vector<std::uint32_t> of_vendors_;
    std::vector<std::uint32_t> named_;
};

}  // namespace turnpike::verdict
