// The kinds of attempts, one file each.
#pragma once

#include "probe/sockets.h"
#include "turnpike/probe/run.h"

namespace turnpike::probe {

/// So long an answer is waited for, from each step on: a little longer than the silence that a
/// verdict needs.
inline constexpr std::chrono::milliseconds patience{3300};

/// The announcement of an attempt to the responder, and what it saw at the end.
struct Announced {
    std::uint16_t number = 0;
    std::optional<proof::Token> token;
    std::string refused;  ///< why it may not begin; empty if it may
};
Announced announce(const Attempt& attempt, const Ground& ground, bool tcp);

/// Connects to where the attempt leads, through the proxy where there is one, within the patience.
/// Without a socket `made` says how far it came.
base::Descriptor connect_to(const Attempt& attempt, const Announced& announced,
                            const Ground& ground, Made& made);

Made make_tcp(const Attempt& attempt, const Ground& ground);
Made make_udp(const Attempt& attempt, const Ground& ground);

/// Reads and checks the certificate on a connection of its own, in TLS 1.2, where packets show it.
void check_certificate(const Attempt& attempt, const Ground& ground, Made& made);

}  // namespace turnpike::probe
