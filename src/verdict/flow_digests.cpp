// Makes digests of flows, and lists those that have to do with vendors.
#include "verdict/flow_digests.h"

#include <algorithm>

#include "verdict/flow_match.h"

namespace turnpike::verdict {
namespace {

/// 0 stands for none, so that no other one may have it.
Digest shortened(std::uint64_t part) noexcept {
    const auto digest = static_cast<Digest>(part);
    return digest == 0 && part != 0 ? 1 : digest;
}

/// Ports that a host always uses for a service say nothing about sessions.
bool is_of_session(const facts::Flow& flow) noexcept {
    constexpr std::uint16_t first_own_port = 1024;
    constexpr std::uint16_t first_dynamic_port = 49152;  // RFC 6335 6: no service has one of these
    const std::uint16_t port = flow.client().port();
    const bool fixed =
        port < first_own_port || (port < first_dynamic_port && port == flow.server().port());
    switch (flow.protocol) {
        case facts::Protocol::dns:
        case facts::Protocol::ntp:
        case facts::Protocol::snmp:
        case facts::Protocol::sip:
        case facts::Protocol::wireguard:
        case facts::Protocol::quic:  // one socket may serve all connections
            return false;
        default:
            return flow.transport == facts::Transport::udp && !fixed;
    }
}

}  // namespace

Digest digest_of(const base::IpAddress& address) noexcept {
    return shortened(part(address));
}

Digest digest_of(std::string_view text) {
    return shortened(part(text));
}

bool is_vendors_protocol(facts::Protocol protocol) noexcept {
    return protocol == facts::Protocol::zoom;
}

FlowDigests::FlowDigests(const facts::Observation& observation) {
    reserve(observation.flows.size());
    for (const auto& flow : observation.flows) {
        add(flow);
    }
}

void FlowDigests::add(const facts::Flow& flow) {
    digests_.push_back({.client = digest_of(flow.client().address()),
                        .server = digest_of(flow.server().address()),
                        .of_session = is_of_session(flow),
                        .ice = flow.stun->ice,
                        .through_proxy = flow.rare->proxy.present(),
                        .vendors_protocol = is_vendors_protocol(flow.protocol)});
}

void FlowDigests::attributed(const attribute::FlowAttributions& attributions) {
    for (std::uint32_t i = 0; i < digests_.size(); ++i) {
        FlowDigest& digest = digests_[i];
        const auto& attribution = *attributions[i];
        digest.name = digest_of(attribution.server_name);
        digest.rules = !attribution.rules.empty();
        if (digest.name != 0) {
            named_.push_back(i);
        }
        if (digest.vendors_protocol || digest.rules || attribution.vendor_only != nullptr) {
            of_vendors_.push_back(i);
        }
    }
}

void FlowDigests::leave_out(const std::vector<bool>& flows) {
    const auto left_out = [&flows](std::uint32_t i) { return flows[i]; };
    std::erase_if(of_vendors_, left_out);
    std::erase_if(named_, left_out);
}

}  // namespace turnpike::verdict
