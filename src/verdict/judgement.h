// The verdict on one flow from its own packets, before rules and rivals are looked at.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>

#include "turnpike/verdict/result.h"
#include "verdict/visibility.h"

namespace turnpike::verdict {

using namespace std::chrono_literals;

/// How long an answer may take before silence counts (verdict rules, "3 s").
inline constexpr base::Duration patience = 3s;

/// What a judge of flows may look at besides the flow.
struct Surroundings {
    const facts::Observation& observation;
    const Visibility& visibility;
    const std::unordered_set<std::uint64_t>* waited_out = nullptr;  ///< see EvaluateOptions

    [[nodiscard]] base::Timestamp end() const noexcept { return observation.quality.last.time; }
    /// The capture went on for the whole waiting time after `since`.
    [[nodiscard]] bool waited_after(const facts::PacketMark& since) const noexcept {
        return end() - since.time >= patience;
    }
    /// The same for a flow that repeats itself and may have been waited for before.
    [[nodiscard]] bool waited_for(const facts::Flow& flow) const {
        return waited_after(flow.out.last) ||
               (waited_out != nullptr && waited_out->contains(flow.id));
    }
};

FlowVerdict judge_tcp(const facts::Flow& flow, const Surroundings& surroundings);
FlowVerdict judge_udp(const facts::Flow& flow, const Surroundings& surroundings);

/// Looks again with the rule at hand: simplex media, one-way media, block pages, foreign
/// certificates.
void refine_by_rule(const facts::Flow& flow, const Attribution& attribution,
                    const Surroundings& surroundings, FlowVerdict& verdict);

// ---- pieces that the judges share ----

FlowVerdict passed();
FlowVerdict blocked(BlockReason reason, Stage stage,
                    std::initializer_list<facts::PacketMark> evidence);
FlowVerdict inconclusive(InconclusiveReason reason,
                         std::initializer_list<facts::PacketMark> evidence);
void add_evidence(FlowVerdict& verdict, const facts::PacketMark& mark);
void add_note(FlowVerdict& verdict, std::string note);

/// The ICMP error that speaks most clearly against the flow: a prohibition before an unreachable.
/// Null without one that counts (RFC 792 type 3, RFC 4443 type 1; not from the client itself, not
/// about size).
const facts::IcmpError* blocking_icmp(const facts::Flow& flow,
                                      const facts::Observation& observation);
/// Admin-prohibited by RFC 1812 5.2.7.1 (codes 9, 10, 13) or RFC 4443 3.1 (codes 1, 5, 6).
bool is_prohibition(const facts::IcmpError& error) noexcept;
/// Notes from ICMP that are no blocks: `mtu` and `ttl_exceeded`.
void note_icmp(const facts::Flow& flow, const facts::Observation& observation,
               FlowVerdict& verdict);
/// Whether an ICMP error says that packets were too large for the path.
bool too_large_for_path(const facts::Flow& flow, const facts::Observation& observation) noexcept;
/// Marks a passed flow that died while its client went on sending.
void note_interruption(const facts::Flow& flow, FlowVerdict& verdict);

}  // namespace turnpike::verdict
