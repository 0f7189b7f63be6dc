// Attempts that lose to a better one of the same session: no block.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Turns "blocked" into "inconclusive" for what clients lose by design: an address family beside a
/// winner of the same name (RFC 8305), an ICE pair beside a winner of the same session (RFC 8445),
/// checks to private addresses outside the client's network, and a proxy's 407 that a success
/// followed.
void discount_losers(const facts::Observation& observation,
                     const std::vector<attribute::FlowAttribution>& attributions,
                     std::vector<FlowVerdict>& verdicts);

}  // namespace turnpike::verdict
