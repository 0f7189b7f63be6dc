// Whether a flow shows a call's media, which a handshake does not.
#pragma once

#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// RTP, RTCP, DTLS with data, data through a relay; or, of what is encrypted, so much both ways and
/// for so long that it is no signalling (docs/verdicts.md, "Alternatives").
bool shows_media(const facts::Flow& flow) noexcept;

/// The flow began so shortly before the recording ended that it had no time to show media, and was
/// not closed.
bool had_no_time_for_media(const facts::Flow& flow, base::Timestamp end) noexcept;

/// What the rule speaks can only be a call's media, or the way to it.
bool expects_media(const catalog::Rule& rule) noexcept;

}  // namespace turnpike::verdict
