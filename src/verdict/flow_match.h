// What flows have in common: keys by which one flow is found beside another.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"
#include "verdict/span_index.h"

namespace turnpike::verdict {

/// A part of a match: the hash of an address or a text under the key of this process, which is made
/// once for all the keys that it stands in; 0 for none.
inline std::uint64_t part(const base::IpAddress& address) noexcept {
    return address ? address.hash() : 0;
}
inline std::uint64_t part(std::string_view text) {
    return text.empty() ? 0 : base::HashKey::of_process().text(text);
}

/// The parts of flows that have to be equal; unused parts stay empty.
struct FlowMatch {
    enum class Kind : std::uint8_t {
        client_port,      ///< the same client address and port
        client_endpoint,  ///< the same client at the same endpoint
        client_named,     ///< and with the same server name
        client_host,      ///< the same client at the same server address
        client_product,   ///< the same client with rows of the same product
        endpoint,         ///< anybody at the same endpoint
        name,             ///< anybody at the same host name
        name_of_family,   ///< the same host name and port over one address family
        ice_session,      ///< the same ICE session
    };
    Kind kind;
    facts::Transport transport = facts::Transport::tcp;
    std::uint16_t port = 0;
    std::uint64_t number = 0;
    std::uint64_t client = 0;
    std::uint64_t server = 0;
    std::uint64_t text = 0;
    std::uint64_t more_text = 0;
};

/// The parts as one number. Nobody can make two matches that differ and have the same, and by
/// chance one pair in 2^64 has.
struct FlowFingerprint {
    std::uint64_t operator()(const FlowMatch& match) const {
        const std::uint64_t small = static_cast<std::uint64_t>(match.kind) << 32U |
                                    static_cast<std::uint64_t>(match.transport) << 16U | match.port;
        return base::HashKey::of_process().words(std::array{
            small, match.number, match.client, match.server, match.text, match.more_text});
    }
};

/// When flows were that have something in common.
using FlowIndex = SpanIndex<FlowMatch, FlowFingerprint>;

/// The ICE session that the flow belongs to; empty if it is none, or its fragments are not known.
std::string session_key(const facts::Flow& flow);

/// A verdict by silence: nobody said anything against it.
bool is_silence(const FlowVerdict& verdict) noexcept;

}  // namespace turnpike::verdict
