// Keeps a short record of every packet, and gives the records to the flows they belong to.
#include "turnpike/compare/recorder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "turnpike/base/error.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::compare {
namespace {

/// Of the payload. Enough for most of a DTLS random (RFC 6347 4.2.2), the last to begin, and little
/// enough that captures of different snap lengths still compare: 128 octets hold it behind IPv6.
constexpr std::size_t content_octets = 44;
/// Mirror copies come within milliseconds of each other (flow/copy_filter.h).
constexpr base::Duration copy_window = std::chrono::milliseconds{8};

std::uint64_t content_of(const wire::Packet& packet) noexcept {
    std::array<std::uint64_t, 6> words{packet.payload_length};
    static_assert(content_octets + sizeof(std::uint32_t) == sizeof words);
    const auto size = std::min(packet.payload.size(), content_octets);
    if (size > 0) {
        // The length takes the lower half of the first word.
        std::memcpy(reinterpret_cast<char*>(words.data()) + sizeof(std::uint32_t),
                    packet.payload.data(), size);
    }
    return base::HashKey::of_process().words(words);
}

bool same(const Sighting& a, const Sighting& b) noexcept {
    return a.content == b.content && a.sequence == b.sequence &&
           a.acknowledgement == b.acknowledgement && a.flags == b.flags && a.ip_id == b.ip_id &&
           a.from_low == b.from_low;
}

/// An equal IP id proves a copy; without one only a capture that copies as a whole has any.
void drop_copies(bool copying, std::vector<Sighting>& packets) {
    std::vector<Sighting> kept;
    kept.reserve(packets.size());
    for (const auto& packet : packets) {
        bool copy = false;
        for (auto at = kept.rbegin(); at != kept.rend() && !copy; ++at) {
            if (packet.time - at->time > copy_window) {
                break;
            }
            copy = (copying || packet.ip_id != 0) && same(*at, packet);
        }
        if (!copy) {
            kept.push_back(packet);
        }
    }
    packets = std::move(kept);
}

std::uint64_t first_number(const facts::Flow& flow) noexcept {
    if (!flow.client().first || !flow.server().first) {
        return flow.client().first ? flow.client().first.number : flow.server().first.number;
    }
    return std::min(flow.client().first.number, flow.server().first.number);
}

}  // namespace

std::size_t Recorder::KeyHash::operator()(const flow::FlowKey& key) const noexcept {
    return key.hash(base::HashKey::of_process());
}

void Recorder::take(const wire::Packet& packet) {
    const bool tcp = packet.transport == wire::TransportKind::tcp;
    if (!tcp && packet.transport != wire::TransportKind::udp) {
        return;
    }
    if (++packets_ > most_packets) {
        throw base::Error(base::ExitStatus::bad_input,
                          "more than 20,000,000 packets to compare; cut the captures to the call "
                          "(editcap -A and -B), or filter for the clients");
    }
    const auto key = flow::make_key(packet);
    Sighting sighting{.time = packet.time,
                      .number = packet.number,
                      .content = content_of(packet),
                      .length = packet.payload_length,
                      .ip_id = packet.ip_id,
                      .hop_limit = packet.hop_limit,
                      .from_low = key.source_is_low};
    if (tcp) {
        sighting.sequence = packet.tcp.sequence;
        sighting.acknowledgement =
            packet.tcp.has(wire::tcp_flag::ack) ? packet.tcp.acknowledgement : 0;
        sighting.flags = packet.tcp.flags;
    }
    fingerprint_ = base::HashKey::of_process().words(
        std::array{fingerprint_, static_cast<std::uint64_t>(packet.time.time_since_epoch().count()),
                   packet.source_link_address, sighting.content ^ packet.hop_limit});
    conversations_[key.key].push_back(sighting);
}

void Recorder::assign(const facts::Observation& observation) {
    for (auto& [key, packets] : conversations_) {
        drop_copies(observation.quality.copying, packets);
    }
    flows_.assign(observation.flows.size(), {});
    client_is_low_.assign(observation.flows.size(), false);
    // One 5-tuple may have been used again: each flow begins at its first packet.
    boost::unordered_flat_map<flow::FlowKey, std::vector<std::uint32_t>, KeyHash> by_key;
    for (std::uint32_t i = 0; i < observation.flows.size(); ++i) {
        const auto& flow = observation.flows[i];
        const auto key =
            flow::make_key(flow.client().endpoint, flow.server().endpoint,
                           flow.transport == facts::Transport::tcp ? wire::ip_protocol::tcp
                                                                   : wire::ip_protocol::udp);
        client_is_low_[i] = key.source_is_low;
        by_key[key.key].push_back(i);
    }
    for (auto& [key, list] : by_key) {
        const auto found = conversations_.find(key);
        if (found == conversations_.end()) {
            continue;
        }
        const auto began = [&](std::uint32_t i) { return first_number(observation.flows[i]); };
        std::ranges::sort(list, {}, began);
        const std::span<const Sighting> packets = found->second;
        auto from = packets.begin();
        for (std::size_t n = 0; n < list.size(); ++n) {
            const auto to =
                n + 1 == list.size()
                    ? packets.end()
                    : std::ranges::lower_bound(packets, began(list[n + 1]), {}, &Sighting::number);
            flows_[list[n]] = {from, to};
            from = to;
        }
    }
}

}  // namespace turnpike::compare
