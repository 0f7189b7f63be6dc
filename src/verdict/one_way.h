// Media in one direction only, on a path that answered at a lower layer.
#pragma once

#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Blocks a flow that passed: `one_way`, if one end sent RTP for three seconds or more and the
/// other end neither RTP nor RTCP, or if it repeated a DTLS hello as long and no DTLS came back;
/// inconclusive where the capture lost packets meanwhile.
void check_one_way(const facts::Flow& flow, const CaptureContext& context, FlowVerdict& verdict);

/// Takes that back where the silent end's media came over another flow of the same ICE session, or
/// of the same client address and port, or its RTCP over the next ports, at the same time.
void excuse_one_way(const facts::Rows<facts::Flow>& flows, FlowVerdicts& verdicts);

}  // namespace turnpike::verdict
