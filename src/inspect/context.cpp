// Counts problems, remembers open rows, and notes protocol and name of a flow.
#include "context.h"

#include <algorithm>
#include <random>

#include "datagram_inspector.h"
#include "tcp_connection.h"

namespace turnpike::inspect {
namespace {

using facts::Protocol;

// How telling a protocol is when several are seen on one flow.
int rank(Protocol protocol) noexcept {
    switch (protocol) {
        case Protocol::unknown:
            return 0;
        case Protocol::socks:  // what runs inside is more telling
            return 2;
        case Protocol::rtcp:
        case Protocol::http:
            return 3;
        case Protocol::stun:
        case Protocol::tls:
            return 4;
        case Protocol::dtls:
            return 5;
        case Protocol::rtp:
            return 6;
        case Protocol::turn:
        case Protocol::zoom:
            return 7;
        default:
            return 1;
    }
}

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

FlowState::FlowState() = default;
FlowState::~FlowState() = default;
FlowState::FlowState(FlowState&&) noexcept = default;
FlowState& FlowState::operator=(FlowState&&) noexcept = default;

bool is_local_discovery(const PayloadContext& payload) noexcept {
    return payload.has_port(5353) || payload.has_port(5355) || payload.has_port(137);
}

void Problems::count(std::string_view protocol, std::string_view reason, std::uint64_t times) {
    const auto entry = std::ranges::find_if(entries_, [&](const Entry& candidate) {
        return candidate.protocol == protocol && candidate.reason == reason;
    });
    if (entry == entries_.end()) {
        entries_.push_back({protocol, reason, times});
    } else {
        entry->count += times;
    }
}

std::vector<facts::DecodeCount> Problems::render() const {
    std::vector<facts::DecodeCount> rows;
    rows.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        rows.push_back({std::string(entry.protocol), std::string(entry.reason), entry.count});
    }
    std::ranges::sort(rows, {}, [](const facts::DecodeCount& row) {
        return std::pair(std::string_view(row.protocol), std::string_view(row.reason));
    });
    return rows;
}

const PendingRows::Entry* PendingRows::look_up(std::uint64_t key) const noexcept {
    if (const auto found = young_.find(key); found != young_.end()) {
        return &found->second;
    }
    if (const auto found = old_.find(key); found != old_.end()) {
        return &found->second;
    }
    return nullptr;
}

void PendingRows::insert(std::uint64_t key, std::uint32_t index, std::uint64_t id) {
    if (young_.size() >= generation) {
        std::swap(young_, old_);
        young_.clear();
    }
    young_.insert_or_assign(key, Entry{index, id});
}

Context::Context(const Options& chosen)
    : options(chosen),
      seed(chosen.hash_seed != 0 ? chosen.hash_seed : random_seed()),
      secret(seed),
      ja4(secret),
      pool(chosen.reassembly_octets) {}

proto::QuicOpener& Context::opener() {
    if (!opener_) {
        opener_.emplace();
    }
    return *opener_;
}

void note_protocol(facts::Flow& flow, Protocol protocol) noexcept {
    if (rank(protocol) > rank(flow.protocol)) {
        flow.protocol = protocol;
    }
}

void note_name(facts::Flow& flow, std::string_view name, facts::NameSource source) {
    if (name.empty()) {
        return;
    }
    // The first name stands, save that what runs inside a proxy's tunnel is more telling.
    if (flow.server_name->empty() || (flow.server_name_source == facts::NameSource::connect &&
                                      source != facts::NameSource::connect)) {
        flow.server_name.make().assign(name);
        flow.server_name_source = source;
    }
}

}  // namespace turnpike::inspect
