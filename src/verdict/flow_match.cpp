// Tells blocks by silence from others.
#include "verdict/flow_match.h"

namespace turnpike::verdict {

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
