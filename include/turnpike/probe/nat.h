// What stands between this host and the responder besides rules: address translation, and how long
// an idle UDP session lives (RFC 4787 4.1, 4.3).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "turnpike/probe/run.h"

namespace turnpike::probe {

/// What was found, and the flows that were made on the way.
struct NatReport {
    std::vector<std::string> lines;
    std::vector<Made> flows;
};

/// Sends from one local port to two ports of the responder that let UDP through, and compares
/// where each seems to come from.
NatReport find_mapping(const Ground& ground, const base::Endpoint& one,
                       const base::Endpoint& other);

/// The longest that a session is left idle.
inline constexpr std::chrono::seconds longest_idle{640};

/// Lets sessions idle for 5 s, 10 s, 20 s and so on, side by side, until an answer does not get in
/// any more, then halves between. Takes little more than three times the limit.
NatReport find_session_limit(const Ground& ground, const base::Endpoint& to);

}  // namespace turnpike::probe
