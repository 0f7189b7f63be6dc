// How the two ends of an ICE session are known to belong together.
#pragma once

#include <algorithm>
#include <string>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// The fragments of both ends (RFC 8445 7.2.2) as one key, whoever is the client.
inline std::string ice_session_key(const StunFacts& stun) {
    const auto& [first, second] = std::minmax(stun.ends[0].ufrag, stun.ends[1].ufrag);
    return first + ':' + second;
}

}  // namespace turnpike::facts
