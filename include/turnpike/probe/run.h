// Makes attempts: several at a time, not too many a second, and one at a time to a vendor's host.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/probe/attempt.h"
#include "turnpike/probe/port_block.h"
#include "turnpike/probe/responder.h"

namespace turnpike::probe {

/// An explicit proxy.
struct Proxy {
    base::Endpoint at;
    std::string authorization;  ///< value of Proxy-Authorization; empty without
};

/// Long-term credentials for a TURN server.
struct TurnUser {
    std::string username;
    std::string password;
};

/// What all attempts share.
struct Ground {
    PortBlock* ports = nullptr;
    Responder* responder = nullptr;  ///< null without
    std::optional<Proxy> proxy;
    /// Relays are used with them, over UDP; nothing: only up to the challenge.
    std::optional<TurnUser> turn_login;
    std::string authorities;  ///< file of certificates to trust; empty: the system's
    double rate = 20;         ///< attempts a second
    /// True once the audit is to end; asked from several threads.
    std::function<bool()> stopped;
};

/// Throws base::Error if `Ground::authorities` cannot be such a file: cannot_open, bad_input.
void require_authorities(const std::string& file);

/// Makes one attempt. Blocks for some seconds.
Made make(const Attempt& attempt, const Ground& ground);

/// Makes all of them, in their order as far as hosts are free, and calls `done` with each index as
/// it ends (one call at a time). What was not begun when it was stopped has no end of this host and
/// no trouble.
std::vector<Made> make_all(const std::vector<Attempt>& attempts, const Ground& ground,
                           const std::function<void(std::size_t)>& done);

}  // namespace turnpike::probe
