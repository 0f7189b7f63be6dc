// The JA4 client fingerprint of a ClientHello, after FoxIO's public description of JA4 (technical
// details, "JA4: TLS Client Fingerprinting").
#pragma once

#include <cstdint>
#include <string>

#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// The first letter of a JA4.
enum class Ja4Carrier : char { tcp = 't', quic = 'q', dtls = 'd' };

/// For example "t13d1516h2_8daaf6152771_e5627efa2ab1" (36 characters); "" for an SSLv2 hello, which
/// JA4 does not describe. Allocates: call it when a
/// hello becomes a fact, once a flow.
std::string render_ja4(const ClientHello& hello, Ja4Carrier carrier);

}  // namespace turnpike::proto
