// Takes packets one by one: finds their flow, holds back copies, and calls the protocols'
// inspectors.
#include "turnpike/inspect/inspector.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "context.h"
#include "datagram_inspector.h"
#include "expendable.h"
#include "harvester.h"
#include "orientation.h"
#include "stream_inspector.h"
#include "tcp_connection.h"
#include "turnpike/base/give_back.h"
#include "turnpike/facts/given_up.h"
#include "turnpike/flow/copy_filter.h"
#include "turnpike/flow/flow_key.h"
#include "turnpike/flow/flow_table.h"

namespace turnpike::inspect {
namespace {

using wire::TransportKind;

// A UDP 5-tuple that was silent for so long is used anew: no NAT keeps a mapping much longer
// (RFC 4787 4.3 asks for two to five minutes).
constexpr base::Duration udp_idle = std::chrono::minutes{5};
// While an observation goes on, flows end after so long a silence. RFC 5382 5: NATs forget an idle
// connection after two hours at the earliest, but most firewalls do after one.
constexpr base::Duration udp_idle_live = std::chrono::minutes{2};  // RFC 4787 4.3: NATs' least
constexpr base::Duration tcp_idle = std::chrono::hours{1};
constexpr base::Duration tcp_unanswered =
    std::chrono::seconds{130};  // Linux's last SYN comes at 63 s
constexpr base::Duration tcp_closed =
    std::chrono::seconds{8};  // time for stragglers and ICMP errors
constexpr base::Duration dns_answered = std::chrono::seconds{8};
constexpr base::Duration dns_open = std::chrono::seconds{40};
constexpr std::size_t rounds_of_sweep = 8;    // harvests until every flow was looked at
constexpr std::size_t most_per_flow = 1'024;  // ICMP errors, SYN attempts and the like
// Losses closer together than this are one stretch: silence takes three seconds to count.
constexpr base::Duration between_losses = std::chrono::seconds{1};
constexpr std::size_t most_losses = 8'192;

// ICMP types that report an error about a packet: RFC 792, RFC 4443 3.
bool is_error(const wire::IcmpHeader& icmp) noexcept {
    return static_cast<bool>(icmp.quoted);
}

Side sender_of(const Placed& placed) noexcept {
    return placed.source_is_low ? Side{0} : Side{1};
}

// The octets beside the link address share its word: it is read before they are written, and they
// are written only when they change. A word read back just after one of its octets was written
// makes the processor wait.
void count_packet(facts::FlowEnd& facts, const wire::Packet& packet, facts::PacketMark at,
                  bool reset) {
    if (facts.link_address == 0) {
        constexpr std::uint64_t octets = (std::uint64_t{1} << 48U) - 1;
        facts.link_address = packet.source_link_address & octets;
    }
    if (facts.hop_limit == 0 && !reset) {
        facts.hop_limit = packet.hop_limit;
    }
    ++facts.packets;
    ++facts.unreplied;
    facts.bytes += packet.ip_length;
    if (facts.packets == 1) {
        facts.first = at;
    }
    if (at.number >= facts.last.number) {  // a first fragment is handed over late
        facts.last = at;
    }
    if (!facts.persisted && at.time - facts.first.time >= facts::persistence) {
        facts.persisted = true;
    }
    if (packet.payload_length > 0 && !reset) {
        ++facts.payload_packets;
    }
}

}  // namespace

// What every open flow takes: its facts, its place in the table, and an entry of eight octets that
// finds it, in an index of which at least five sixteenths are used.
using FlowSlot = flow::FlowTable<FlowState>::Slot;
static_assert(sizeof(FlowSlot) == 64);
static_assert(sizeof(facts::Flow) + sizeof(FlowSlot) + 8 * 16 / 5 <= 350);

/// Everything behind the interface.
class Inspector::State {
  public:
    explicit State(const Options& options)
        : context_(options),
          frames_(context_.observation.quality),
          placer_(context_.secret, options.vlan_in_key, options.tunnel_in_key),
          table_(options.max_flows),
          datagrams_(context_),
          streams_(context_, datagrams_),
          harvester_(context_, datagrams_),
          full_at_(options.memory == 0 ? std::numeric_limits<std::size_t>::max() : options.memory) {
    }

    void inspect(const wire::Packet& packet);
    void inspect(std::span<const wire::Packet> packets, std::span<const Placed> places);
    void expect(std::span<const wire::Packet> packets, std::span<const Placed> places) noexcept;
    [[nodiscard]] Placer& placer() noexcept { return placer_; }
    [[nodiscard]] FrameLog& frames() noexcept { return frames_; }
    void finish();
    Harvest harvest(base::Timestamp now);
    [[nodiscard]] const void* newest_flow() const noexcept {
        const auto& flows = context_.observation.flows;
        return flows.empty() ? nullptr : &flows.back();
    }
    facts::Observation& observation();
    facts::CaptureQuality& quality() noexcept { return context_.observation.quality; }
    Problems& problems() noexcept { return context_.problems; }
    void lost(std::uint64_t count, base::Timestamp from, base::Timestamp to);

  private:
    void note_unseen(const facts::Flow& flow, base::Timestamp now);
    /// A packet held back, with its payload in `held_payload_`.
    struct Held {
        wire::Packet packet;
        Placed placed;
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    /// Where the flows of packets probably are.
    struct Guesses {
        std::span<const Placed> places;
        std::array<FlowSlot*, group> slots{};
    };

    /// A connection that was closed, and when it last spoke.
    struct Closed {
        FlowState* state = nullptr;
        base::Timestamp seen;
    };

    /// Asks for the memory that a packet of this flow will need.
    static void fetch_facts(const FlowState* known) noexcept;
    static void fetch_transport(const FlowState* known) noexcept;
    /// Holds packets back until it is clear whether the capture holds copies.
    void look_ahead(const wire::Packet& packet, const Placed& placed);
    void hold(const wire::Packet& packet, const Placed& placed);
    void release();
    void process(const wire::Packet& packet, const Placed& placed, FlowState* known);
    void transport(const wire::Packet& packet, const Placed& key, FlowState* known);
    void tcp(const PayloadContext& payload, const wire::Packet& packet);
    static void begin_again(FlowState& state, facts::TcpFacts& facts);
    void end_closed(base::Timestamp now);
    void wake(FlowState& state);
    void icmp(const wire::Packet& packet, std::uint16_t segment);
    FlowState* find_or_open(const wire::Packet& packet, const Placed& key, FlowState* known);
    FlowState* open(const Placed& key, facts::Transport transport, const base::Endpoint& source,
                    const base::Endpoint& destination, Side client);
    [[nodiscard]] static bool starts_anew(const FlowState& state, const wire::Packet& packet,
                                          const Placed& key);
    [[nodiscard]] static bool is_retry(const FlowState& state, const wire::Packet& packet,
                                       Side sender);
    void retire(FlowState& state);
    /// Keeps to Options::memory.
    void make_room();
    void release(const Expendable::GivenUp& given_up);
    /// Whether a flow that is followed has said all that it will say.
    [[nodiscard]] static bool is_over(const FlowState& state, base::Timestamp now) noexcept;
    /// The flow of that key, if it goes on in a packet of that time; else it ends now.
    FlowState* unless_over(FlowState* known, const Placed& key, base::Timestamp now) {
        return known != nullptr && context_.options.harvested && !goes_on(*known, key, now)
                   ? nullptr
                   : known;
    }
    bool goes_on(FlowState& state, const Placed& key, base::Timestamp now);
    void end(FlowState& state, const Placed& key);
    /// Brings up to date what is not written per packet.
    void update();
    void update_quality();

    Context context_;
    FrameLog frames_;
    Placer placer_;
    flow::FlowTable<FlowState> table_;
    DatagramInspector datagrams_;
    StreamInspector streams_;
    Harvester harvester_;
    std::size_t full_at_;    ///< when the facts weigh more, something has to go
    bool has_gaps_ = false;  ///< among the facts, where something was given up
    bool holding_ = true;
    bool copying_ = false;  ///< as far as the packets taken show
    base::Timestamp holding_until_;
    bool finished_ = false;
    std::array<Guesses, 2> guesses_;  ///< of the group that is inspected and the one behind it
    std::size_t next_ = 0;            ///< which of them the next group takes
    std::deque<Closed> closed_;
    std::vector<Held> held_;
    std::size_t released_ = 0;  ///< of those
    std::vector<std::uint8_t> held_payload_;
    std::uint64_t processed_ = 0;  ///< number of the last packet that was not only held back
};

// Octets that were acknowledged and never seen are missing from this flow alone, or from the whole
// capture if nothing at all was captured just before. (Of several live workers none sees the whole
// capture; there the kernel counts what is lost.)
void Inspector::State::note_unseen(const facts::Flow& flow, base::Timestamp now) {
    constexpr base::Duration soon_after = std::chrono::seconds{2};
    const facts::Stretch hole = frames_.last_hole();
    if (!context_.options.harvested && flow.first_seen() < hole.from && hole.to <= now &&
        now - hole.to <= soon_after) {
        lost(0, hole.from, hole.to);
    }
}

void Inspector::State::lost(std::uint64_t count, base::Timestamp from, base::Timestamp to) {
    facts::CaptureQuality& quality = context_.observation.quality;
    quality.dropped += count;
    from = std::clamp(from, earliest, latest);
    to = std::clamp(to, from, latest);
    auto& losses = quality.losses;
    if (!losses.empty() && from <= losses.back().to + between_losses &&
        to >= losses.back().from - between_losses) {
        losses.back().from = std::min(losses.back().from, from);
        losses.back().to = std::max(losses.back().to, to);
        return;
    }
    if (losses.size() >= most_losses) {
        if (!context_.options.harvested) {
            losses.back().to = std::max(losses.back().to, to);  // doubt more rather than forget
            return;
        }
        losses.erase(losses.begin(), losses.begin() + most_losses / 2);
    }
    losses.push_back({from, to});
}

void Inspector::State::inspect(const wire::Packet& packet) {
    Placed placed;
    placer_.place({&packet, 1}, {&placed, 1});
    inspect({&packet, 1}, {&placed, 1});
}

void Inspector::State::look_ahead(const wire::Packet& packet, const Placed& placed) {
    if (held_.empty()) {
        holding_until_ = packet.time + context_.options.look_ahead_time;
        if (auto* const shared = context_.options.shared_look_ahead.get(); shared != nullptr) {
            holding_until_ = shared->end_at(holding_until_);
        }
    }
    hold(packet, placed);
    const bool over =
        held_.size() >= context_.options.look_ahead_packets || packet.time >= holding_until_;
    if (over || placed.decided) {
        release();
    }
}

void Inspector::State::fetch_facts(const FlowState* known) noexcept {
    constexpr std::size_t line = 64;
    constexpr std::size_t counters = 5 * line;  // ends, counters and landmarks stand in front
    if (known != nullptr && known->flow != nullptr) {
        const auto* const facts = reinterpret_cast<const std::uint8_t*>(known->flow);
        for (std::size_t at = 0; at < counters; at += line) {
            __builtin_prefetch(facts + at);
        }
        __builtin_prefetch(known->tcp.get());
        __builtin_prefetch(known->datagrams.get());
    }
}

// What hangs on the facts, once they have come.
void Inspector::State::fetch_transport(const FlowState* known) noexcept {
    if (known != nullptr && known->flow != nullptr) {
        __builtin_prefetch(&*known->flow->tcp);
    }
}

void Inspector::State::expect(std::span<const wire::Packet> packets,
                              std::span<const Placed> places) noexcept {
    const std::size_t count = std::min(packets.size(), places.size());
    const std::size_t soon = std::min(count, group);
    Guesses& next = guesses_[next_];
    next_ = 1 - next_;
    next.places = places.first(soon);
    for (std::size_t i = 0; i < soon; ++i) {
        next.slots[i] = table_.guess(places[i].flow);
    }
    for (std::size_t i = soon; i < std::min(count, 2 * group); ++i) {
        table_.fetch(places[i].flow);
        __builtin_prefetch(packets[i].payload.data());
    }
}

// Memory is asked for in rounds, each of which needs what the one before asked for; the packets of
// a round do not wait for each other.
void Inspector::State::inspect(std::span<const wire::Packet> packets,
                               std::span<const Placed> places) {
    constexpr std::size_t on_its_way = 4;  // packets that are inspected while facts come
    std::array<FlowState*, group> known{};
    const std::size_t count = std::min({packets.size(), places.size(), group});
    const Guesses& guesses = guesses_[next_];  // of the call before the last one
    const bool expected = places.data() == guesses.places.data() && count <= guesses.places.size();
    for (std::size_t i = 0; i < count; ++i) {
        known[i] = table_.find(places[i].flow, expected ? guesses.slots[i] : nullptr);
        fetch_facts(known[i]);
    }
    const std::uint64_t removals = table_.removals();
    context_.observation.quality.ip_packets += count;
    for (std::size_t i = 0; i < count; ++i) {
        if (i + on_its_way < count) {
            fetch_transport(known[i + on_its_way]);
        }
        if (packets[i].transport == TransportKind::none) {
            continue;
        }
        copying_ = places[i].copying;
        if (holding_) {
            look_ahead(packets[i], places[i]);
        } else {
            process(packets[i], places[i],
                    known[i] != nullptr && table_.removals() == removals
                        ? known[i]
                        : table_.find(places[i].flow));
        }
    }
}

void Inspector::State::hold(const wire::Packet& packet, const Placed& placed) {
    const std::size_t offset = held_payload_.size();
    held_payload_.insert(held_payload_.end(), packet.payload.begin(), packet.payload.end());
    held_.push_back({packet, placed, offset, packet.payload.size()});
    held_.back().placed.reading = nullptr;  // will be gone by then
}

void Inspector::State::release() {
    // Where memory runs out on the way, `finish` goes on behind the packet that was too much.
    while (released_ < held_.size()) {
        Held& held = held_[released_++];
        held.packet.payload = base::Bytes{held_payload_}.subspan(held.offset, held.size);
        process(held.packet, held.placed, table_.find(held.placed.flow));
    }
    holding_ = false;
    base::give_back(held_);
    base::give_back(held_payload_);
}

void Inspector::State::process(const wire::Packet& packet, const Placed& placed, FlowState* known) {
    processed_ = std::max(processed_, packet.number);
    if (context_.slots.weight() > full_at_) {
        make_room();
        known = table_.find(placed.flow);
    }
    if (flow::CopyFilter::is_copy(placed.sighting, copying_)) {
        ++context_.observation.quality.duplicates;
        if (known != nullptr) {
            ++known->flow->copies;
        }
        return;
    }
    if (packet.transport == TransportKind::icmp) {
        icmp(packet, placed.segment);
    } else {
        transport(packet, placed, known);
    }
}

void Inspector::State::transport(const wire::Packet& packet, const Placed& key, FlowState* known) {
    FlowState* const state = find_or_open(packet, key, known);
    if (state == nullptr) {
        return;
    }
    const facts::PacketMark at{packet.number, packet.time};
    state->last_seen = std::max(state->last_seen, packet.time);
    if (packet.tap != state->flow->tap) {
        frames_.note_same_flows(state->flow->tap, packet.tap);
    }
    if (context_.options.harvested) {
        harvester_.changed(*state);
    }
    const PayloadContext payload{*state, sender_of(key),   at,         packet.cut(),
                                 false,  packet.hop_limit, key.reading};
    facts::Flow& flow = *state->flow;
    const bool is_tcp = packet.transport == TransportKind::tcp;
    const bool reset = is_tcp && packet.tcp.has(wire::tcp_flag::rst);
    count_packet(flow.ends[payload.side], packet, at, reset);
    flow.ends[other(payload.side)].unreplied = 0;
    if (is_tcp) {
        tcp(payload, packet);
        return;
    }
    if (flow.ends[payload.side].packets == 2) {
        flow.udp.make().second[payload.side] = at;
    }
    if (!packet.payload.empty()) {
        datagrams_.datagram(payload, packet.payload);
    } else if (packet.cut()) {
        flow.cut_before_decision = true;
    }
}

void Inspector::State::tcp(const PayloadContext& payload, const wire::Packet& packet) {
    FlowState& state = payload.state;
    facts::TcpFacts& facts = state.flow->tcp.make();
    if (!state.tcp) {
        state.tcp = std::make_unique<TcpConnection>();
        facts.midstream = !packet.tcp.has(wire::tcp_flag::syn);
    } else if (state.tcp->tracker.opens_anew(packet, payload.side, *state.flow)) {
        begin_again(state, facts);
    }
    TcpConnection& connection = *state.tcp;
    const bool reset = packet.tcp.has(wire::tcp_flag::rst);
    const bool opens = packet.tcp.has(wire::tcp_flag::syn) && !reset;
    if (opens) {
        facts.midstream = false;
        prove_client(payload, !packet.tcp.has(wire::tcp_flag::ack));
    }
    const std::uint64_t unseen = facts.unseen();
    connection.tracker.follow(packet, payload.side, payload.at, *state.flow);
    if (facts.unseen() > unseen) {
        note_unseen(*state.flow, packet.time);
    }
    if (opens) {
        StreamInspector::synchronize(payload.side, connection);
    }
    if (packet.payload_length > 0 && !reset) {  // also where the snap length left none of it
        streams_.segment(payload, packet, connection);
    }
    const bool ends = reset || (facts.ends[0].fin && facts.ends[1].fin);
    if (ends && !connection.closed) {
        connection.closed = true;
        closed_.push_back({&state, packet.time});
    }
}

// What is kept to read and follow a connection goes when nothing will come any more. (In a run
// without end the whole flow does.)
void Inspector::State::end_closed(base::Timestamp now) {
    while (!closed_.empty() && now - closed_.front().seen > tcp_closed) {
        FlowState& state = *closed_.front().state;
        closed_.pop_front();
        if (!state.tcp || !state.tcp->closed) {
            continue;  // the place is another flow's by now, or the connection began again
        }
        if (now - state.last_seen > tcp_closed) {
            StreamInspector::end(state);
            state.resting = std::make_unique<RestingConnection>(*state.tcp);
            state.tcp.reset();
        } else {
            closed_.push_back({&state, state.last_seen});
        }
    }
}

// A straggler. The connection comes to rest again as if it were closed now.
void Inspector::State::wake(FlowState& state) {
    state.tcp = state.resting->wake();
    state.resting.reset();
    closed_.push_back({&state, state.last_seen});
}

// The same attempt goes on with another initial sequence number. What ended the one before counts
// until this one is established.
void Inspector::State::begin_again(FlowState& state, facts::TcpFacts& facts) {
    state.tcp = std::make_unique<TcpConnection>();
    facts.syn_ack = {};
    facts.established = {};
    state.flow->client_of(facts).rst = {};
}

FlowState* Inspector::State::find_or_open(const wire::Packet& packet, const Placed& key,
                                          FlowState* known) {
    std::optional<Side> client_before;
    known = unless_over(known, key, packet.time);
    if (known != nullptr) {
        if (known->resting) {
            wake(*known);
        }
        if (!starts_anew(*known, packet, key)) {
            return known;
        }
        if (packet.transport == TransportKind::udp) {
            client_before = known->flow->client_side;  // whoever speaks first after a pause
        }
        end(*known, key);
    }
    end_closed(packet.time);  // their memory is what the new flow takes
    const Guess guess = guess_client(packet, context_.options.is_server);
    const Side sender = sender_of(key);
    FlowState* const state = open(
        key, packet.transport == TransportKind::tcp ? facts::Transport::tcp : facts::Transport::udp,
        packet.source_endpoint(), packet.destination_endpoint(),
        client_before.value_or(guess.source_is_client ? sender : other(sender)));
    if (state != nullptr) {
        state->client_proven = guess.proven;
        state->flow->tap = packet.tap;
        state->flow->to_group = packet.to_group;
    }
    return state;
}

FlowState* Inspector::State::open(const Placed& key, facts::Transport transport,
                                  const base::Endpoint& source, const base::Endpoint& destination,
                                  Side client) {
    if (!context_.has_room<facts::FlowKind>()) {
        return nullptr;
    }
    FlowState& state = table_.insert(key.flow, [this](FlowState& oldest) { retire(oldest); });
    const auto [index, flow] = [&] {
        try {
            return context_.add<facts::FlowKind>();
        } catch (const std::bad_alloc&) {
            table_.erase(key.flow);  // it has no flow
            throw;
        }
    }();
    const std::size_t weight = facts::FlowKind::weight(flow);
    flow.transport = transport;
    context_.slots.reweigh(weight, facts::FlowKind::weight(flow));
    flow.ends[sender_of(key)].endpoint = source;
    flow.ends[other(sender_of(key))].endpoint = destination;
    flow.client_side = client;
    state.flow = &flow;
    state.index = index;
    return &state;
}

bool Inspector::State::starts_anew(const FlowState& state, const wire::Packet& packet,
                                   const Placed& key) {
    if (packet.transport == TransportKind::udp) {
        return packet.time - state.last_seen > udp_idle;
    }
    const Side sender = sender_of(key);
    return state.tcp && state.tcp->tracker.opens_anew(packet, sender, *state.flow) &&
           !is_retry(state, packet, sender);
}

// A client that was reset by the far side, or not answered, tries again from the same port, perhaps
// with another initial sequence number: what comes of that is what came of the attempt.
bool Inspector::State::is_retry(const FlowState& state, const wire::Packet& packet, Side sender) {
    constexpr base::Duration soon = std::chrono::seconds{60};
    const facts::Flow& flow = *state.flow;
    const auto& tcp = *flow.tcp;
    const bool carried = flow.ends[0].payload_packets + flow.ends[1].payload_packets > 0;
    return sender == flow.client_side && tcp.syn && !carried &&
           (!tcp.established || flow.server_of(tcp).rst->at) && !tcp.ends[0].fin &&
           !tcp.ends[1].fin && packet.time - state.last_seen <= soon;
}

void Inspector::State::icmp(const wire::Packet& packet, std::uint16_t segment) {
    const wire::IcmpHeader& header = packet.icmp;
    const std::uint8_t protocol = header.quoted.protocol;
    if (!is_error(header) ||
        (protocol != wire::ip_protocol::tcp && protocol != wire::ip_protocol::udp)) {
        return;
    }
    if (header.quoted.source.port == 0 && header.quoted.destination.port == 0) {
        context_.problems.count("icmp", "no ports in what it quotes");  // cut, or a later fragment
        return;
    }
    if (!context_.has_room<facts::IcmpKind>()) {
        return;
    }
    const Placed key =
        placer_.place_of(header.quoted.source, header.quoted.destination, protocol, segment);
    FlowState* state = unless_over(table_.find(key.flow), key, packet.time);
    if (state == nullptr) {
        // The quoted packet was not captured; whoever sent it is the client as far as one can see.
        state = open(
            key, protocol == wire::ip_protocol::tcp ? facts::Transport::tcp : facts::Transport::udp,
            header.quoted.source, header.quoted.destination, sender_of(key));
        if (state == nullptr) {
            return;
        }
        state->last_seen = packet.time;
        // Without a packet of its own the error tells when the flow was; count_packet() knows
        // better.
        facts::FlowEnd& quoted = state->flow->client();
        quoted.first = quoted.last = {packet.number, packet.time};
        if (protocol == wire::ip_protocol::tcp) {
            state->flow->tcp.make().midstream = true;  // until its first packet says otherwise
        }
    }
    facts::Flow& flow = *state->flow;
    if (flow.rare->icmp.size() >= most_per_flow) {
        context_.problems.count("icmp", "too many about one flow");
        return;
    }
    const auto [index, row] = context_.add<facts::IcmpKind>();
    row.flow = state->index;
    row.at = {packet.number, packet.time};
    row.source = packet.source;
    row.icmp_version = header.version;
    row.type = header.type;
    row.code = header.code;
    row.mtu = header.mtu;
    row.hop_limit = packet.hop_limit;
    flow.rare.make().icmp.push_back(index);
    if (context_.options.harvested) {
        harvester_.changed(*state);
    }
}

void Inspector::State::make_room() {
    const std::size_t bound = context_.options.memory;
    const std::size_t excess = context_.slots.weight() - bound / 2;
    Expendable expendable(context_.observation, context_.options);
    const auto given_up =
        context_.options.harvested ? expendable.choose_queries(excess) : expendable.choose(excess);
    if (given_up.flows_count > 0) {
        table_.sweep(
            table_.places(), [&](const FlowState& state) { return given_up.flows[state.index]; },
            [this](FlowState& state) { retire(state); });
    }
    release(given_up);
    // Where little could be given up, the next look must wait for something to look at.
    full_at_ = std::max(bound, context_.slots.weight() + bound / 16);
}

void Inspector::State::release(const Expendable::GivenUp& given_up) {
    auto& observation = context_.observation;
    const auto release_each = [&]<typename Kind>(Kind, auto&& is_given_up) {
        const auto& rows = Kind::rows(observation);
        for (std::uint32_t i = 0; i < rows.size(); ++i) {
            if (rows[i].id != 0 && is_given_up(i)) {
                context_.release<Kind>(i);
            }
        }
    };
    facts::for_each_kind(facts::RowKinds{}, [&](auto kind) {
        const auto& rows = decltype(kind)::rows(observation);
        release_each(kind, [&](std::uint32_t i) { return given_up.flows[rows[i].flow]; });
    });
    release_each(facts::DnsKind{}, [&](std::uint32_t i) {
        return i < given_up.queries.size() && given_up.queries[i];
    });
    release_each(facts::FlowKind{}, [&](std::uint32_t i) { return given_up.flows[i]; });
    context_.problems.count("flow", facts::given_up_reason, given_up.flows_count);
    context_.problems.count("dns", facts::given_up_reason, given_up.queries_count);
    has_gaps_ = true;
}

void Inspector::State::retire(FlowState& state) {
    streams_.end(state);
    datagrams_.end(state);
    if (context_.options.harvested) {
        harvester_.ended(state);
    }
}

bool Inspector::State::is_over(const FlowState& state, base::Timestamp now) noexcept {
    const base::Duration silent = now - state.last_seen;
    const facts::Flow& flow = *state.flow;
    if (flow.transport == facts::Transport::udp) {
        if (flow.protocol != facts::Protocol::dns) {
            return silent > udp_idle_live;
        }
        return silent > (flow.server().packets > 0 ? dns_answered : dns_open);
    }
    if (state.resting || (state.tcp && state.tcp->closed)) {
        return silent > tcp_closed;
    }
    const bool answered = flow.server().packets > 0 && flow.client().packets > 0;
    return silent > (answered ? tcp_idle : tcp_unanswered);
}

// A sweep comes by sooner or later, by how many flows a worker has: which packets begin a flow anew
// must not depend on that.
bool Inspector::State::goes_on(FlowState& state, const Placed& key, base::Timestamp now) {
    constexpr base::Duration never_over = std::min(tcp_closed, dns_answered);
    if (now - state.last_seen <= never_over || !is_over(state, now)) {
        return true;
    }
    end(state, key);
    return false;
}

void Inspector::State::end(FlowState& state, const Placed& key) {
    retire(state);
    table_.erase(key.flow);
}

Harvest Inspector::State::harvest(base::Timestamp now) {
    if (holding_ && !held_.empty() && now >= holding_until_) {
        release();
    }
    table_.sweep(
        table_.places() / rounds_of_sweep + 1,
        [now](const FlowState& state) { return is_over(state, now); },
        [this](FlowState& state) { retire(state); });
    Harvest harvest;
    harvester_.collect(processed_, now, harvest);
    update_quality();
    harvest.quality = context_.observation.quality;
    harvest.flows_followed = table_.size();
    return harvest;
}

void Inspector::State::finish() {
    if (holding_) {
        release();
    }
    const auto retire_each = [this](FlowState& state) { retire(state); };
    if (context_.options.harvested) {
        table_.sweep(table_.places(), [](const FlowState&) { return true; }, retire_each);
    } else {
        table_.for_each(retire_each);
        update_quality();
        // Their memory is wanted for what is made of the facts.
        table_.clear();
        datagrams_.finish();
        context_.pool.give_back();
        if (has_gaps_) {
            close_gaps(context_.observation);
        }
    }
    finished_ = true;
}

facts::Observation& Inspector::State::observation() {
    if (!finished_) {
        update();
    }
    return context_.observation;
}

void Inspector::State::update() {
    table_.for_each([this](const FlowState& state) { datagrams_.record(state); });
    update_quality();
}

void Inspector::State::update_quality() {
    facts::CaptureQuality& quality = context_.observation.quality;
    quality.copying = copying_;
    quality.problems = context_.problems.render();
    if (placer_.networks_refused() > 0) {
        quality.problems.push_back(
            {"flow", "more networks than can be told apart", placer_.networks_refused()});
    }
    if (table_.evicted() > 0) {
        quality.problems.push_back({"flow", "evicted to make room", table_.evicted()});
    }
}

Inspector::Inspector(const Options& options) : state_(std::make_unique<State>(options)) {}
Inspector::~Inspector() = default;
Inspector::Inspector(Inspector&&) noexcept = default;
Inspector& Inspector::operator=(Inspector&&) noexcept = default;

FrameLog& Inspector::frames() noexcept {
    return state_->frames();
}

void Inspector::inspect(const wire::Packet& packet) {
    if (packet.time >= earliest && packet.time <= latest) {
        state_->inspect(packet);
        return;
    }
    wire::Packet moved = packet;
    moved.time = within_bounds(packet.time);
    state_->inspect(moved);
}

void Inspector::inspect(std::span<const wire::Packet> packets, std::span<const Placed> places) {
    state_->inspect(packets, places);
}

void Inspector::expect(std::span<const wire::Packet> packets,
                       std::span<const Placed> places) noexcept {
    state_->expect(packets, places);
}

Placer& Inspector::placer() noexcept {
    return state_->placer();
}

void Inspector::no_packet() {
    ++state_->quality().non_ip;
}

void Inspector::malformed(std::string_view layer, base::ParseError reason) {
    ++state_->quality().malformed;
    state_->problems().count(layer, reason);
}

void Inspector::problem(std::string_view layer, std::string_view reason, std::uint64_t times) {
    state_->problems().count(layer, reason, times);
}

void Inspector::fragment() {
    ++state_->quality().fragments;
    ++state_->quality().ip_packets;
}

void Inspector::lost(std::uint64_t count, base::Timestamp from, base::Timestamp to) {
    state_->lost(count, from, to);
}

void Inspector::cut_off() {
    state_->quality().cut_off = true;
}

Harvest Inspector::harvest(base::Timestamp now) {
    return state_->harvest(now);
}

void Inspector::finish() {
    state_->finish();
}

const void* Inspector::newest_flow() const noexcept {
    return state_->newest_flow();
}

facts::Observation& Inspector::observation() {
    return state_->observation();
}

}  // namespace turnpike::inspect
