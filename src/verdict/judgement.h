// The verdict on one flow from its own packets, before rules and rivals are looked at.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "turnpike/attribute/hosts.h"
#include "turnpike/verdict/result.h"
#include "verdict/flow_digests.h"
#include "verdict/hop_counts.h"
#include "verdict/recorded_time.h"
#include "verdict/visibility.h"

namespace turnpike::verdict {

/// The status with which a proxy asks for credentials (RFC 9110 15.5.8).
inline constexpr std::uint16_t proxy_authentication_required = 407;

/// What a judge of flows may look at besides the flow.
struct CaptureContext {
    const facts::Observation& observation;
    const Visibility& visibility;
    const RecordedTime& recorded;
    const HopCounts& hops;
    const attribute::Hosts& hosts;
    const FlowDigests& digests;

    /// The recording that saw the flow demonstrably went on for the whole waiting time after
    /// `since`.
    [[nodiscard]] bool waited_after(const facts::Flow& flow, const facts::PacketMark& since) const {
        return recorded.went_on_after(flow.tap, since.time);
    }
};

FlowVerdict judge_tcp(const facts::Flow& flow, const CaptureContext& context);
FlowVerdict judge_udp(const facts::Flow& flow, const CaptureContext& context);

/// Looks again with the rule at hand: simplex media, one-way media, block pages, foreign
/// certificates.
void refine_by_rule(const facts::Flow& flow, const Attribution& attribution,
                    const CaptureContext& context, FlowVerdict& verdict);

// ---- pieces that the judges share ----

FlowVerdict passed();
FlowVerdict blocked(BlockReason reason, Stage stage,
                    std::initializer_list<facts::PacketMark> evidence);
FlowVerdict inconclusive(InconclusiveReason reason,
                         std::initializer_list<facts::PacketMark> evidence);
void add_evidence(FlowVerdict& verdict, const facts::PacketMark& mark);
void add_note(FlowVerdict& verdict, std::string note);
/// Takes a block back: neither reason, stage nor grade are left.
void set_inconclusive(FlowVerdict& verdict, InconclusiveReason reason);

/// The ICMP error that speaks most clearly against the flow: a prohibition before an unreachable, a
/// device's before the server's. Null without one that counts (RFC 792 type 3, RFC 4443 type 1; not
/// from the client itself, not about size, not before `since`).
const facts::IcmpError* refusing_icmp(const facts::Flow& flow, const CaptureContext& context,
                                      base::Timestamp since = base::Timestamp::min());
/// What the error says: blocked if a device on the path said it, perhaps in the server's name;
/// inconclusive if the server itself refused.
FlowVerdict judge_icmp(const facts::Flow& flow, const facts::IcmpError& error, Stage stage,
                       const CaptureContext& context);
/// The server was reached and said no: `what` is the note that tells what it said.
FlowVerdict server_refused(std::string what, std::initializer_list<facts::PacketMark> evidence);
/// Admin-prohibited by RFC 1812 5.2.7.1 (codes 9, 10, 13) or RFC 4443 3.1 (codes 1, 5, 6).
bool is_prohibition(const facts::IcmpError& error) noexcept;
/// The answer forbids (403, 451, 511), or leads to another site than the one that was asked for.
/// `rule`, if the flow has one: where its names lead is no other site.
bool denies(const facts::HttpFacts& http, std::string_view asked,
            const catalog::Rule* rule = nullptr);
/// `http_denied` by that answer to the question.
FlowVerdict denied(const facts::HttpFacts& http, const facts::PacketMark& question);
/// Notes from ICMP that are no blocks: `mtu` and `ttl_exceeded`.
void note_icmp(const facts::Flow& flow, const facts::Observation& observation,
               FlowVerdict& verdict);
/// Whether an ICMP error says that packets were too large for the path.
bool too_large_for_path(const facts::Flow& flow, const facts::Observation& observation) noexcept;
/// Marks a passed flow that died while its client went on sending.
void note_interruption(const facts::Flow& flow, FlowVerdict& verdict);

}  // namespace turnpike::verdict
