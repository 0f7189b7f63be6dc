#include "turnpike/flow/flow_key.h"

#include <utility>

namespace turnpike::flow {
namespace {

// Odd 64-bit constants with an even spread of ones (the fractional digits of pi, as Blowfish has
// them): multiplying by them spreads every input bit.
constexpr std::uint64_t spread_a = 0x243f6a8885a308d3ULL;
constexpr std::uint64_t spread_b = 0x13198a2e03707345ULL;
constexpr std::uint64_t spread_c = 0xa4093822299f31d1ULL;

std::array<std::uint8_t, 16> octets_of(const base::IpAddress& address) noexcept {
    std::array<std::uint8_t, 16> octets{};
    const auto bytes = address.octets();
    std::memcpy(octets.data(), bytes.data(), bytes.size());
    return octets;
}

}  // namespace

OrientedKey make_key(const base::Endpoint& source, const base::Endpoint& destination,
                     std::uint8_t protocol) noexcept {
    OrientedKey oriented;
    FlowKey& key = oriented.key;
    key.low_address = octets_of(source.address);
    key.high_address = octets_of(destination.address);
    key.low_port = source.port;
    key.high_port = destination.port;
    key.version = static_cast<std::uint8_t>(source.address.version());
    key.protocol = protocol;
    const int order = std::memcmp(key.low_address.data(), key.high_address.data(), 16);
    if (order > 0 || (order == 0 && key.low_port > key.high_port)) {
        std::swap(key.low_address, key.high_address);
        std::swap(key.low_port, key.high_port);
        oriented.source_is_low = false;
    }
    return oriented;
}

std::uint64_t hash(const FlowKey& key, std::uint64_t seed) noexcept {
    std::array<std::uint64_t, 5> words{};
    std::memcpy(words.data(), &key, sizeof key);
    const std::uint64_t low = mix(words[0] ^ spread_a, words[1] ^ seed);
    const std::uint64_t high = mix(words[2] ^ spread_b, words[3] ^ seed);
    return mix(mix(low ^ words[4] ^ spread_c, high ^ seed), spread_b);
}

}  // namespace turnpike::flow
