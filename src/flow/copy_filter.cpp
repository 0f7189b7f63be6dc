#include "turnpike/flow/copy_filter.h"

#include <algorithm>
#include <cstring>

#include "turnpike/flow/flow_key.h"

namespace turnpike::flow {
namespace {

constexpr std::size_t entry_count = 65'536;
// Copies leave a mirror port within a few milliseconds of each other. No stack repeats a packet as
// fast: the smallest retransmission time-outs are 10 ms (RFC 9002 6.1.2 speaks of 1 ms granularity,
// RFC 6298 of a second), and they get a new IP id.
constexpr std::uint32_t window_us = 8'000;
// An equal IP id proves more, so there may be more time between.
constexpr std::uint32_t identified_window_us = 20'000;
constexpr std::uint64_t fold_at = 65'536;

std::uint64_t load(const std::uint8_t* bytes, std::size_t count) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, std::min<std::size_t>(count, 8));
    return word;
}

// The first and the last 32 octets tell payloads apart; the checksum covers the middle.
std::uint64_t hash_payload(base::Bytes payload, std::uint64_t seed) noexcept {
    std::uint64_t state = seed ^ payload.size();
    const std::size_t size = payload.size();
    const std::size_t head = std::min<std::size_t>(size, 32);
    for (std::size_t i = 0; i < head; i += 8) {
        state = mix(state ^ load(payload.data() + i, head - i), 0x9e3779b97f4a7c15ULL);
    }
    const std::size_t tail = size > 32 ? std::max<std::size_t>(size - 32, 32) : size;
    for (std::size_t i = tail; i < size; i += 8) {
        state = mix(state ^ load(payload.data() + i, size - i), 0xa4093822299f31d1ULL);
    }
    return state;
}

std::uint64_t fingerprint_of(const wire::Packet& packet, std::uint64_t flow_hash,
                             bool source_is_low, std::uint64_t seed) noexcept {
    std::uint64_t first = (std::uint64_t{packet.ip_id} << 48U) |
                          (std::uint64_t{packet.ip_length & 0xffffffU} << 24U) |
                          (std::uint64_t{packet.protocol} << 8U) | (source_is_low ? 1U : 0U);
    std::uint64_t second = 0;
    if (packet.transport == wire::TransportKind::tcp) {
        second = (std::uint64_t{packet.tcp.sequence} << 32U) | packet.tcp.acknowledgement;
        first ^=
            (std::uint64_t{packet.tcp.flags} << 16U) ^ (std::uint64_t{packet.tcp.window} << 32U);
        flow_hash ^= packet.tcp.checksum;
    } else if (packet.transport == wire::TransportKind::udp) {
        second = packet.udp_checksum;
    } else if (packet.transport == wire::TransportKind::icmp) {
        second = (std::uint64_t{packet.icmp.type} << 8U) | packet.icmp.code;
    }
    const std::uint64_t header = mix(first ^ flow_hash, second ^ seed);
    return hash_payload(packet.payload, header) | 1U;
}

bool is_syn(const wire::Packet& packet) noexcept {
    return packet.transport == wire::TransportKind::tcp && packet.tcp.has(wire::tcp_flag::syn);
}

// Nobody sends the same payload or SYN twice within milliseconds, save announcements to groups.
bool tells_about_copying(const wire::Packet& packet) noexcept {
    return (packet.payload_length > 0 || is_syn(packet)) && !packet.destination.is_multicast() &&
           !packet.destination.is_broadcast();
}

}  // namespace

CopyFilter::CopyFilter(std::uint64_t seed) : seed_(seed), entries_(entry_count) {}

Sighting CopyFilter::see(const wire::Packet& packet, std::uint64_t flow_hash,
                         bool source_is_low) noexcept {
    const std::uint64_t fingerprint = fingerprint_of(packet, flow_hash, source_is_low, seed_);
    Entry& entry = entries_[(fingerprint >> 40U) % entry_count];
    const auto now = static_cast<std::uint32_t>(packet.time.time_since_epoch().count() / 1'000);
    const bool telling = tells_about_copying(packet);
    // Either order: a mirror's clock may step back a little between copies.
    const std::uint32_t apart = std::min(now - entry.microseconds, entry.microseconds - now);
    Sighting sighting;
    sighting.identified = packet.ip_id != 0;
    sighting.repeated = entry.fingerprint == fingerprint &&
                        apart <= (sighting.identified ? identified_window_us : window_us);
    if (!sighting.repeated) {
        entry = Entry{fingerprint, now, 0};
    } else {
        ++entry.copies;
        sighting.beyond_first = !sighting.identified && !telling && entry.copies > usual_copies_;
        if (sighting.beyond_first) {
            entry.copies = 0;  // a packet of its own, with copies of its own to come
        }
        usual_copies_ = sighting.identified || telling
                            ? std::clamp<std::uint32_t>(entry.copies, usual_copies_, 3)
                            : usual_copies_;
    }
    if (sighting.identified || telling) {
        learn(sighting.identified, sighting.repeated);
    }
    return sighting;
}

void CopyFilter::learn(bool identified, bool repeated) noexcept {
    Evidence& evidence = identified ? identified_ : unidentified_;
    ++(repeated ? evidence.copies : evidence.originals);
    if (evidence.originals + evidence.copies > fold_at) {
        evidence.originals /= 2;
        evidence.copies /= 2;
    }
    // Packets with an id are proof, so a tenth of them is enough; they also overrule the others,
    // among which an application may send everything twice of its own accord.
    const bool proof = identified_.originals + identified_.copies >= 20;
    const Evidence& judge = proof || identified_.copies > 0 ? identified_ : unidentified_;
    const std::uint64_t share = &judge == &identified_ ? 10 : 3;
    copying_ = judge.copies >= 2 && judge.copies * share >= judge.originals;
}

bool CopyFilter::decided() const noexcept {
    const std::uint64_t all = identified_.originals + identified_.copies;
    // Clearly one or the other, not near the border.
    return all >= 200 && (identified_.copies * 50 < all || identified_.copies * 4 > all);
}

}  // namespace turnpike::flow
