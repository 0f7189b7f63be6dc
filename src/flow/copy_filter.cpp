#include "turnpike/flow/copy_filter.h"

#include <algorithm>
#include <cstring>

#include "turnpike/flow/flow_key.h"

namespace turnpike::flow {
namespace {

// Pairs share a cache line; the table fits the second-level cache. At 100,000 packets a second a
// copy that comes a millisecond later finds its original with all but certainty.
constexpr std::size_t entry_count = 32'768;
// Copies leave a mirror port within a few milliseconds of each other. No stack repeats a packet as
// fast: the smallest retransmission time-outs are 10 ms (RFC 9002 6.1.2 speaks of 1 ms granularity,
// RFC 6298 of a second), and they get a new IP id.
constexpr std::uint32_t window_us = 8'000;
// An equal IP id proves more, so there may be more time between.
constexpr std::uint32_t identified_window_us = 20'000;
constexpr std::uint32_t most_copies = 3;  // of one packet: a tag, a wrapping, the other port
constexpr std::uint32_t half_range = 0x80000000U;  // later differences are negative ones
// Any odd numbers with an even spread of ones.
constexpr std::uint64_t spread_a = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t spread_b = 0xa4093822299f31d1ULL;
constexpr std::uint64_t fold_at = 65'536;

std::uint64_t load(const std::uint8_t* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// The first and the last 16 octets: they hold what counts up (sequence numbers, transaction ids)
// and what ends in a tag. Checksum and length stand for the middle.
std::uint64_t hash_payload(base::Bytes payload, std::uint64_t seed) noexcept {
    constexpr std::size_t part = 16;
    std::array<std::uint8_t, 2 * part> ends{};
    const std::size_t size = payload.size();
    if (size >= part) {
        std::memcpy(ends.data(), payload.data(), part);
        std::memcpy(ends.data() + part, payload.data() + size - part, part);
    } else if (size > 0) {
        std::memcpy(ends.data(), payload.data(), size);
    }
    const std::uint64_t head = mix(load(ends.data()) ^ seed, load(ends.data() + 8) ^ spread_a);
    const std::uint64_t tail =
        mix(load(ends.data() + part) ^ spread_b, load(ends.data() + part + 8) ^ seed ^ size);
    return head ^ tail;
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

std::size_t pair_of(std::uint64_t fingerprint) noexcept {
    return ((fingerprint >> 40U) % (entry_count / 2)) * 2;
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

std::uint64_t CopyFilter::fingerprint(const wire::Packet& packet, std::uint64_t flow_hash,
                                      bool source_is_low) const noexcept {
    const std::uint64_t made = fingerprint_of(packet, flow_hash, source_is_low, seed_);
    __builtin_prefetch(&entries_[pair_of(made)]);
    return made;
}

Sighting CopyFilter::see(const wire::Packet& packet, std::uint64_t fingerprint) noexcept {
    Entry* const pair = &entries_[pair_of(fingerprint)];
    const bool second = pair[1].fingerprint == fingerprint ||
                        (pair[0].fingerprint != fingerprint &&
                         pair[1].microseconds - pair[0].microseconds > half_range);
    Entry& entry = pair[second ? 1 : 0];  // the one that matches, else the older one
    const auto now = static_cast<std::uint32_t>(packet.time.time_since_epoch().count() / 1'000);
    // Either order: a mirror's clock may step back a little between copies.
    const std::uint32_t apart = std::min(now - entry.microseconds, entry.microseconds - now);
    Sighting sighting;
    sighting.identified = packet.ip_id != 0;
    const bool telling = sighting.identified || tells_about_copying(packet);
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
        if (telling) {
            usual_copies_ = std::clamp<std::uint32_t>(entry.copies, usual_copies_, most_copies);
        }
    }
    if (telling) {
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
