// Hashes the keys by which similar flows are found, and tells blocks by silence from others.
#include "verdict/flow_match.h"

#include <array>

#include "turnpike/base/keyed_hash.h"

namespace turnpike::verdict {

std::uint64_t FlowFingerprint::operator()(const FlowMatch& match) const {
    const auto& key = base::HashKey::of_process();
    const auto of_text = [&key](std::string_view text) {
        return text.empty() ? std::uint64_t{0} : key.text(text);
    };
    const auto of_address = [](const base::IpAddress& address) {
        return address ? address.hash() : std::uint64_t{0};
    };
    const std::uint64_t small = static_cast<std::uint64_t>(match.kind) << 32U |
                                static_cast<std::uint64_t>(match.transport) << 16U | match.port;
    return key.words(std::array{small, match.number, of_address(match.client),
                                of_address(match.server), of_text(match.text),
                                of_text(match.more_text)});
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
