// What flows have in common: keys by which one flow is found beside another.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "turnpike/attribute/attributor.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"
#include "verdict/span_index.h"

namespace turnpike::verdict {

/// The parts of flows that have to be equal; unused parts stay empty. Views into the observation,
/// its attributions or the catalog.
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
    };
    Kind kind;
    facts::Transport transport = facts::Transport::tcp;
    std::uint16_t port = 0;
    std::uint64_t number = 0;
    base::IpAddress client = {};
    base::IpAddress server = {};
    std::string_view text = {};
    std::string_view more_text = {};
};

/// The parts as one number. Under the key of this process: nobody can make two matches that differ
/// and have the same, and by chance one pair in 2^64 has.
struct FlowFingerprint {
    std::uint64_t operator()(const FlowMatch& match) const;
};

/// When flows were that have something in common.
using FlowIndex = SpanIndex<FlowMatch, FlowFingerprint>;

/// A verdict by silence: nobody said anything against it.
bool is_silence(const FlowVerdict& verdict) noexcept;

}  // namespace turnpike::verdict
