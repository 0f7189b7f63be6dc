// Hashes the keys by which similar flows are found, and tells blocks by silence from others.
#include "verdict/flow_match.h"

#include "turnpike/base/keyed_hash.h"

namespace turnpike::verdict {
namespace {

std::uint64_t mix(std::uint64_t sum, std::uint64_t value) noexcept {
    sum = (sum ^ value) * 0x9e3779b97f4a7c15ULL;
    return sum ^ (sum >> 29U);
}

}  // namespace

std::size_t FlowMatchHash::operator()(const FlowMatch& match) const noexcept {
    std::uint64_t sum = static_cast<std::uint64_t>(match.kind) << 32U |
                        static_cast<std::uint64_t>(match.transport) << 16U | match.port;
    sum = mix(sum, match.number);
    // The kind says which parts there are: what is empty need not be hashed.
    for (const auto* const address : {&match.client, &match.server}) {
        sum = *address ? mix(sum, address->hash()) : sum;
    }
    for (const auto text : {match.text, match.more_text}) {
        sum = text.empty() ? sum : mix(sum, base::KeyedTextHash{}(text));
    }
    return sum;
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
