// Finds the RTCP of media flows in the flows between the same hosts, one port higher.
#include "verdict/rtcp_beside.h"

#include <map>
#include <utility>

namespace turnpike::verdict {
namespace {

/// Who sends, and to whom.
using Path = std::pair<base::Endpoint, base::Endpoint>;

Path path_of(const facts::Flow& flow, facts::Side from) {
    return {flow.ends[from].endpoint, flow.ends[facts::other(from)].endpoint};
}

/// RTCP has the next port of both ends.
Path beside(Path media) {
    ++media.first.port;
    ++media.second.port;
    return media;
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
    std::map<Path, std::uint32_t> one_way;
    for (const std::uint32_t i : context.digests.of_vendors()) {
        if (verdicts[i].reason == BlockReason::one_way) {
            one_way.emplace(beside(path_of(flows[i], silent_side(flows[i]))), i);
        }
    }
    if (one_way.empty()) {
        return;
    }
    for (const std::uint32_t i : context.digests.of_vendors()) {
        for (const auto side : {facts::Side{0}, facts::Side{1}}) {
            if (flows[i].media->ends[side].rtcp_packets == 0) {
                continue;
            }
            const auto media = one_way.find(path_of(flows[i], side));
            if (media != one_way.end()) {
                take_back(flows[media->second], verdicts[media->second]);
            }
        }
    }
}

}  // namespace turnpike::verdict
