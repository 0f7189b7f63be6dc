// RTCP on a port of its own (RFC 3550 11), beside the media that it is about.
#pragma once

#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Takes back one-way media whose silent end sent RTCP on the next port.
void hear_rtcp_beside(const CaptureContext& context, FlowVerdicts& verdicts);

}  // namespace turnpike::verdict
