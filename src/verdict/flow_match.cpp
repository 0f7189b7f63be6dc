// Names the session of a flow, and tells blocks by silence from others.
#include "verdict/flow_match.h"

#include "turnpike/facts/ice_session.h"

namespace turnpike::verdict {

std::string session_key(const facts::Flow& flow) {
    if (!flow.stun->ice || flow.client_of(*flow.stun).ufrag.empty()) {
        return {};
    }
    return facts::ice_session_key(*flow.stun);
}

bool is_silence(const FlowVerdict& verdict) noexcept {
    switch (verdict.reason) {
        case BlockReason::tcp_timeout:
        case BlockReason::tls_timeout:
        case BlockReason::payload_timeout:
        case BlockReason::udp_timeout:
        case BlockReason::quic_timeout:
            return verdict.outcome == Outcome::blocked;
        default:
            return false;
    }
}

}  // namespace turnpike::verdict
