// Which end of a flow is the client.
#pragma once

#include <functional>

#include "context.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

/// What the first packet of a flow says about its client.
struct Guess {
    bool source_is_client = true;
    bool proven = false;  ///< by a SYN or a server's network: nothing may change it
};
/// `is_server`: Options::is_server.
Guess guess_client(const wire::Packet& first,
                   const std::function<bool(const base::IpAddress&)>& is_server);

/// A packet shows who the client is (true: its sender), unless something was proof enough before.
/// Facts are kept by end: all that changes is which end counts as the client.
void prove_client(const PayloadContext& payload, bool sender_is_client) noexcept;

}  // namespace turnpike::inspect
