// Remembers of every packet of a capture what address translation leaves alone.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"
#include "turnpike/flow/flow_key.h"
#include "turnpike/wire/packet.h"

namespace turnpike::compare {

/// One packet, by what NAT does not change. The content is the beginning of the payload, which
/// holds STUN transaction ids (RFC 8489 5), DNS ids and names (RFC 1035 4.1), TLS and DTLS randoms,
/// QUIC connection ids (RFC 9000 17) and RTP sources with their sequence numbers (RFC 3550 5.1).
struct Sighting {
    base::Timestamp time;
    std::uint64_t number = 0;   ///< of the frame in its capture
    std::uint64_t content = 0;  ///< hash of the payload's length and beginning
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint32_t length = 0;  ///< payload octets on the wire
    std::uint16_t ip_id = 0;
    std::uint8_t flags = 0;      ///< of TCP; 0 for UDP
    std::uint8_t hop_limit = 0;  ///< IPv4 TTL or IPv6 hop limit, as seen
    bool from_low = false;       ///< sent by the low end of its flow::FlowKey
};

/// The packets of one capture by conversation. Use: `take` every packet, then `assign` once, then
/// look at `of_flow`.
class Recorder {
  public:
    /// Packets of one capture that can be remembered: 48 octets each.
    static constexpr std::size_t most_packets = 20'000'000;

    /// Remembers a TCP or UDP packet. Throws base::Error (bad_input) beyond `most_packets`.
    void take(const wire::Packet& packet);
    /// Deals the packets to the flows of the same capture. Copies of a mirror port are left out.
    void assign(const facts::Observation& observation);

    /// The packets of a flow, by its index, in the order of capture: a view into this object. After
    /// `assign` only.
    [[nodiscard]] std::span<const Sighting> of_flow(std::size_t flow) const noexcept {
        return flows_[flow];
    }
    /// Of all packets, in order, with their times, hop counts and link addresses: equal only for
    /// copies of one capture.
    [[nodiscard]] std::uint64_t fingerprint() const noexcept { return fingerprint_; }
    /// Whether the client of that flow (by its index) sent the packet. After `assign` only.
    [[nodiscard]] bool from_client(std::size_t flow, const Sighting& sighting) const noexcept {
        return sighting.from_low == client_is_low_[flow];
    }

  private:
    struct KeyHash {
        using is_avalanching = void;
        std::size_t operator()(const flow::FlowKey& key) const noexcept;
    };

    boost::unordered_flat_map<flow::FlowKey, std::vector<Sighting>, KeyHash> conversations_;
    std::size_t packets_ = 0;
    std::uint64_t fingerprint_ = 0;
    std::vector<std::span<const Sighting>> flows_;
    std::vector<bool> client_is_low_;
};

}  // namespace turnpike::compare
