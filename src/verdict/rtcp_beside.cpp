// Finds the RTCP of media flows in the flows between the same hosts, one port higher.
#include "verdict/rtcp_beside.h"

#include <utility>
#include <vector>

#include "verdict/flow_match.h"

namespace turnpike::verdict {
namespace {

/// Who sends, and to whom, `ahead` ports higher: RTCP has the next port of both ends.
FlowMatch path_of(const facts::Flow& flow, facts::Side from, int ahead) {
    const auto& sender = flow.ends[from];
    const auto& receiver = flow.ends[facts::other(from)];
    return {.kind = FlowMatch::Kind::client_endpoint,
            .transport = flow.transport,
            .port = static_cast<std::uint16_t>(receiver.port() + ahead),
            .number = static_cast<std::uint16_t>(sender.port() + ahead),
            .client = part(sender.address()),
            .server = part(receiver.address())};
}

facts::Side silent_side(const facts::Flow& flow) noexcept {
    return flow.media->ends[0].rtp_packets > 0 ? facts::Side{1} : facts::Side{0};
}

void take_back(const facts::Flow& flow, FlowVerdict& verdict) {
    auto notes = std::move(verdict.notes);
    verdict = passed();
    verdict.notes = std::move(notes);
    add_evidence(verdict, flow.client().first);
    add_evidence(verdict, flow.server().first);
}

}  // namespace

void hear_rtcp_beside(const CaptureContext& context, FlowVerdicts& verdicts) {
    const auto& flows = context.observation.flows;
    FlowIndex reports;
    std::vector<std::uint32_t> one_way;
    for (const std::uint32_t i : context.digests.of_vendors()) {
        if (verdicts[i].reason == BlockReason::one_way) {
            one_way.push_back(i);
            reports.want(path_of(flows[i], silent_side(flows[i]), 1));
        }
    }
    if (one_way.empty()) {
        return;
    }
    for (const std::uint32_t i : context.digests.of_vendors()) {
        const auto& flow = flows[i];
        for (const auto side : {facts::Side{0}, facts::Side{1}}) {
            if (flow.media->ends[side].rtcp_packets > 0) {
                reports.add(path_of(flow, side, 0), flow.ends[side].first.time,
                            flow.ends[side].last.time, 0, i);
            }
        }
    }
    reports.prepare();
    for (const std::uint32_t i : one_way) {
        const auto& flow = flows[i];
        if (reports.find(path_of(flow, silent_side(flow), 1), flow.first_seen(),
                         flow.last_seen())) {
            take_back(flow, verdicts[i]);
        }
    }
}

}  // namespace turnpike::verdict
