// Words for facts beside those of facts.h.
#pragma once

#include <string_view>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// "tcp", "quic", "dtls".
std::string_view to_string(TlsHello::Carrier carrier) noexcept;

}  // namespace turnpike::facts
