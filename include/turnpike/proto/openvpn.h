// OpenVPN's control channel (its wire protocol 2): the TLS handshake that runs inside, in clear
// unless the session wraps it (tls-crypt).
#pragma once

#include <cstddef>
#include <optional>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto {

/// Octets of authentication (tls-auth: HMAC, replay number, time) in each control packet of the
/// session that a client's hard reset opens: 0 without. Nothing if this is no such reset, or if
/// what follows the header is encrypted.
std::optional<std::size_t> openvpn_authentication(base::Bytes reset) noexcept;

/// The octets of TLS that a control packet carries; none in resets and acknowledgements. The view
/// lives as long as `packet`. Errors: truncated; not_this for data packets, after which the
/// handshake is over.
base::Result<base::Bytes> openvpn_tls(base::Bytes packet, std::size_t authentication) noexcept;

}  // namespace turnpike::proto
