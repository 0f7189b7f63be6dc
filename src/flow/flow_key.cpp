// Makes the key of a packet's flow, and hashes it.
#include "turnpike/flow/flow_key.h"

namespace turnpike::flow {
namespace {

/// All 16 octets of an address; those that IPv4 does not use are zero (base::IpAddress).
using AddressOctets = std::array<std::uint8_t, 16>;

AddressOctets octets_of(const base::IpAddress& address) noexcept {
    AddressOctets octets{};
    const base::Bytes bytes = address.octets();
    if (bytes.size() == 4) {
        std::memcpy(octets.data(), bytes.data(), 4);  // sizes known here are single moves
    } else {
        std::memcpy(octets.data(), bytes.data(), 16);
    }
    return octets;
}

/// Which of two ends is the low one; any order will do as long as it is always the same.
bool is_low(const AddressOctets& from, const AddressOctets& to, bool port_is_low) noexcept {
    std::array<std::uint64_t, 2> a{};
    std::array<std::uint64_t, 2> b{};
    std::memcpy(a.data(), from.data(), from.size());
    std::memcpy(b.data(), to.data(), to.size());
    if (a[0] != b[0]) {
        return a[0] < b[0];
    }
    return a[1] != b[1] ? a[1] < b[1] : port_is_low;
}

}  // namespace

OrientedKey make_key(const base::Endpoint& source, const base::Endpoint& destination,
                     std::uint8_t protocol) noexcept {
    const AddressOctets from = octets_of(source.address);
    const AddressOctets to = octets_of(destination.address);
    const bool source_is_low = is_low(from, to, source.port <= destination.port);
    OrientedKey oriented;
    oriented.source_is_low = source_is_low;
    FlowKey& key = oriented.key;
    key.low_address = source_is_low ? from : to;
    key.high_address = source_is_low ? to : from;
    key.low_port = source_is_low ? source.port : destination.port;
    key.high_port = source_is_low ? destination.port : source.port;
    key.version = static_cast<std::uint8_t>(source.address.version());
    key.protocol = protocol;
    return oriented;
}

std::uint64_t hash(const FlowKey& key, const base::HashKey& secret) noexcept {
    const auto words = key.words();
    return secret.words(
        std::array<std::uint64_t, 6>{words[0], words[1], words[2], words[3], words[4], 0});
}

}  // namespace turnpike::flow
