// Recognises copies by a table of the packets of the last milliseconds.
#include "turnpike/flow/copy_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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
constexpr std::uint64_t fold_at = 65'536;

constexpr std::size_t part = 16;

// On its own, for whoever copies any number of octets to the stack has to guard it.
[[gnu::noinline]] std::array<std::uint64_t, 2> short_head_of(base::Bytes payload) noexcept {
    std::array<std::uint64_t, 2> head{};
    if (!payload.empty()) {
        std::memcpy(head.data(), payload.data(), std::min(payload.size(), part));
    }
    return head;
}

// The first 16 octets of a payload, which hold what counts up (sequence numbers, transaction ids).
std::array<std::uint64_t, 2> head_of(base::Bytes payload) noexcept {
    if (payload.size() < part) [[unlikely]] {
        return short_head_of(payload);
    }
    std::array<std::uint64_t, 2> head;
    std::memcpy(head.data(), payload.data(), part);
    return head;
}

// The last 16, which end in a tag of whatever is authenticated.
std::array<std::uint64_t, 2> tail_of(base::Bytes payload) noexcept {
    return head_of(payload.size() > part ? payload.last(part) : payload);
}

// Where a packet's like would be. What finds room there must not depend on the secret of the run,
// or results would; who crafts packets for one place only hides copies of his own.
std::uint64_t place_of(std::uint64_t first, std::uint64_t second, std::uint64_t third) noexcept {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
    constexpr int other_bits = 64 - std::bit_width(entry_count / 2 - 1);
    return (((first ^ std::rotl(second, 23)) * odd ^ third) * odd) >> other_bits;
}

// The place takes the lowest bits, the secret hash the rest. Never 0, which is an empty entry.
std::uint64_t with_place(std::uint64_t hash, std::uint64_t place) noexcept {
    constexpr std::uint64_t never_zero = std::uint64_t{1} << 63U;
    return (hash & ~std::uint64_t{entry_count / 2 - 1}) | place | never_zero;
}

// A TCP header says by itself what stands behind it: sequence number, length and checksum. A
// datagram's number is its IP id; only without one does it take the end of the payload, which would
// have to be fetched for this alone.
std::uint64_t fingerprint_of(const wire::Packet& packet, std::uint64_t flow_hash,
                             bool source_is_low, const base::HashKey& secret) noexcept {
    std::uint64_t first = (std::uint64_t{packet.ip_id} << 48U) |
                          (std::uint64_t{packet.ip_length & 0xffffffU} << 24U) |
                          (std::uint64_t{packet.protocol} << 8U) | (source_is_low ? 1U : 0U);
    if (packet.transport == wire::TransportKind::tcp) {
        const std::uint64_t second =
            (std::uint64_t{packet.tcp.sequence} << 32U) | packet.tcp.acknowledgement;
        first ^=
            (std::uint64_t{packet.tcp.flags} << 16U) ^ (std::uint64_t{packet.tcp.window} << 32U);
        const std::uint64_t third = packet.tcp.checksum;
        return with_place(secret.words(std::array{first, second, flow_hash, third}),
                          place_of(first, second, third));
    }
    const std::uint64_t second = packet.transport == wire::TransportKind::udp
                                     ? packet.udp_checksum
                                     : (std::uint64_t{packet.icmp.type} << 8U) | packet.icmp.code;
    const auto head = head_of(packet.payload);
    const auto tail = packet.ip_id == 0 ? tail_of(packet.payload) : std::array<std::uint64_t, 2>{};
    return with_place(secret.words(std::array{first, second, flow_hash, head[0], head[1], tail[0],
                                              tail[1], std::uint64_t{0}}),
                      place_of(first ^ tail[0], second ^ head[0], head[1] ^ tail[1]));
}

std::size_t pair_of(std::uint64_t fingerprint) noexcept {
    return (fingerprint % (entry_count / 2)) * 2;
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

CopyFilter::CopyFilter(const base::HashKey& secret) : secret_(secret), entries_(entry_count) {}

std::uint64_t CopyFilter::fingerprint(const wire::Packet& packet, std::uint64_t flow_hash,
                                      bool source_is_low) const noexcept {
    const std::uint64_t made = fingerprint_of(packet, flow_hash, source_is_low, secret_);
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
    const bool identified = packet.ip_id != 0;
    const bool telling = identified || tells_about_copying(packet);
    const bool repeated = entry.fingerprint == fingerprint &&
                          apart <= (identified ? identified_window_us : window_us);
    bool beyond_first = false;
    if (!repeated) {
        entry = Entry{fingerprint, now, 0};
    } else {
        ++entry.copies;
        beyond_first = !identified && !telling && entry.copies > usual_copies_;
        if (beyond_first) {
            entry.copies = 0;  // a packet of its own, with copies of its own to come
        }
        if (telling) {
            usual_copies_ = std::clamp<std::uint32_t>(entry.copies, usual_copies_, most_copies);
        }
    }
    if (telling) {
        learn(identified, repeated);
    }
    return {.repeated = repeated, .identified = identified, .beyond_first = beyond_first};
}

void CopyFilter::learn(bool identified, bool repeated) noexcept {
    Evidence& evidence = identified ? identified_ : unidentified_;
    ++(repeated ? evidence.copies : evidence.originals);
    const bool folded = evidence.originals + evidence.copies > fold_at;
    if (folded) {
        evidence.originals /= 2;
        evidence.copies /= 2;
    }
    // One more original cannot make a capture without copying one that shows it.
    if (repeated || folded || copying_ || !decided_) {
        judge();
    }
    // A capture that still stands between the two will stay there. Not written for every packet,
    // for who asks next would wait for it.
    if (folded) {
        decided_ = true;
    }
}

// Packets with an id are proof, so a tenth of them is enough; they also overrule the others, among
// which an application may send everything twice of its own accord.
void CopyFilter::judge() noexcept {
    const std::uint64_t identified = identified_.originals + identified_.copies;
    const bool proof = identified >= 20;
    const bool overruled = proof || identified_.copies > 0;
    const Evidence& judge = overruled ? identified_ : unidentified_;
    const std::uint64_t share = overruled ? 10 : 3;
    copying_ = judge.copies >= 2 && judge.copies * share >= judge.originals;
    // Clearly one or the other, not near the border.
    decided_ = decided_ || (identified >= 200 && (identified_.copies * 50 < identified ||
                                                  identified_.copies * 4 > identified));
}

}  // namespace turnpike::flow
