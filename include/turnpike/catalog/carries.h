// What runs over a row: signaling, media or both. A handshake on a row that carries signaling as
// well does not show that media found a way.
#pragma once

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// True if the vendor's signaling may run on this row: the entry says so (`carries`), or, where it
/// says nothing, the row speaks what only signaling speaks (HTTP, WebSocket, SIP), or nothing that
/// tells media from signaling. A row that speaks only STUN, TURN, DTLS or RTP beside TLS carries
/// none.
[[nodiscard]] bool carries_signaling(const Rule& rule) noexcept;

/// True if the entry itself tells whether the row carries signaling: by `carries`, or by what the
/// row speaks.
[[nodiscard]] bool tells_what_it_carries(const Rule& rule) noexcept;

/// The first row of the revision that carries signaling to a destination and port of `rule`, which
/// may be `rule` itself; null without one. Destinations are shared if a name or a reference is the
/// same, networks overlap, or both lead anywhere: a more specific name of another row wins the
/// flow, so it does not count.
[[nodiscard]] const Rule* signaling_beside(const Revision& revision, const Rule& rule) noexcept;

}  // namespace turnpike::catalog
