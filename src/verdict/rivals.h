// Attempts that lose to a better one of the same session: no block.
#pragma once

#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/verdict/ledger.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {

/// Turns what ended in silence into "losing_candidate" where clients lose by design: an address
/// family beside a winner of the same name that began within 3 s (RFC 8305), an ICE pair beside a
/// winner of the same session or local port (RFC 8445), checks to private addresses outside the
/// client's network; and a proxy's 407 that a success followed. What a device refused in so many
/// words stays blocked. `past` (or null) knows of winners that left the observation.
void discount_losers(const CaptureContext& context, const attribute::FlowAttributions& attributions,
                     FlowVerdicts& verdicts, const Ledger* past = nullptr);

/// The flow's media went both ways, or what can only be media: it carries a call.
bool carries_call(const facts::Flow& flow) noexcept;

}  // namespace turnpike::verdict
