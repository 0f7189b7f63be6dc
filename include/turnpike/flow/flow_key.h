// The canonical 5-tuple: one key for both directions of a conversation.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/wide.h"
#include "turnpike/wire/packet.h"

namespace turnpike::flow {

/// An unordered pair of endpoints and a protocol. The smaller end is `low`. Tunnel and VLAN ids are
/// no part of it, since a tag on one direction only must not split a flow, unless the user asks to
/// tell networks with equal addresses apart by them: `segment`.
struct FlowKey {
    std::array<std::uint8_t, 16> low_address{};
    std::array<std::uint8_t, 16> high_address{};
    std::uint16_t low_port = 0;
    std::uint16_t high_port = 0;
    std::uint8_t version = 0;   ///< 4 or 6
    std::uint8_t protocol = 0;  ///< IP protocol
    std::uint16_t segment = 0;  ///< which network, where tags tell them apart; else 0

    /// The key as words; without a difference that is quicker than a comparison of octets.
    [[nodiscard]] std::array<std::uint64_t, 5> words() const noexcept {
        std::array<std::uint64_t, 5> all{};
        std::memcpy(all.data(), this, sizeof *this);
        return all;
    }
    friend bool operator==(const FlowKey& a, const FlowKey& b) noexcept {
        const auto x = a.words();
        const auto y = b.words();
        return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
    }
};
static_assert(sizeof(FlowKey) == 40);

/// A key and which of its ends the given source is.
struct OrientedKey {
    FlowKey key;
    bool source_is_low = true;
};

/// The key of the two ends, the same for either order, in segment 0. `protocol` is the IP protocol.
OrientedKey make_key(const base::Endpoint& source, const base::Endpoint& destination,
                     std::uint8_t protocol) noexcept;

/// The key of a TCP or UDP packet.
inline OrientedKey make_key(const wire::Packet& packet) noexcept {
    return make_key(packet.source_endpoint(), packet.destination_endpoint(), packet.protocol);
}

/// 64 bits that depend on every octet of the key and on the secret, so that nobody can choose
/// addresses that collide.
std::uint64_t hash(const FlowKey& key, const base::HashKey& secret) noexcept;

/// A key with its hash, which is needed more than once.
struct HashedKey {
    FlowKey key;
    std::uint64_t hash = 0;

    HashedKey() noexcept = default;
    /// Hashes the key at once.
    HashedKey(const FlowKey& of, const base::HashKey& secret) noexcept
        : key(of), hash(flow::hash(of, secret)) {}
    friend bool operator==(const HashedKey& a, const HashedKey& b) noexcept {
        return a.key == b.key;
    }
};

/// Mixes two words into one. Both must be blinded: a word of zero makes the whole zero.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    const auto product = static_cast<base::UnsignedWide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace turnpike::flow
