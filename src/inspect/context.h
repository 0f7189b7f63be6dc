// What the inspectors of all protocols share: where facts go, what is counted, and the state of a
// flow.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "row_slots.h"
#include "turnpike/base/give_back.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/facts/facts.h"
#include "turnpike/facts/given_up.h"
#include "turnpike/facts/kinds.h"
#include "turnpike/flow/stream.h"
#include "turnpike/inspect/inspector.h"
#include "turnpike/proto/ja4.h"
#include "turnpike/proto/quic_crypto.h"

namespace turnpike::inspect {

struct Reading;
struct TcpConnection;
struct RestingConnection;
struct DatagramState;

using facts::other;
using facts::Side;

/// The state of a flow that is followed now. The facts themselves are in the observation.
struct FlowState {
    facts::Flow* flow = nullptr;
    std::uint32_t index = 0;
    bool client_proven = false;  ///< by a SYN or a payload: no heuristic may change it
    bool changed = false;        ///< since the last harvest
    bool turned = false;         ///< its client proved to be the other end, since then
    bool in_use = false;         ///< by the flow table
    base::Timestamp last_seen;
    std::unique_ptr<TcpConnection> tcp;
    std::unique_ptr<RestingConnection> resting;  ///< instead of it, after it was closed
    std::unique_ptr<DatagramState> datagrams;

    FlowState();
    ~FlowState();
    FlowState(FlowState&&) noexcept;
    FlowState& operator=(FlowState&&) noexcept;
};

/// A payload and where it was seen.
struct PayloadContext {
    FlowState& state;
    Side side = 0;  ///< that sent it
    facts::PacketMark at;
    bool cut = false;                  ///< the snap length cut it
    bool relayed = false;              ///< it was inside ChannelData or a Send or Data indication
    std::uint8_t hop_limit = 0;        ///< of its packet; 0 where there is none
    const Reading* reading = nullptr;  ///< made ahead of time

    [[nodiscard]] facts::Flow& flow() const noexcept { return *state.flow; }
    /// As far as it is known now: what was taken for the client may yet prove to be the server, so
    /// nothing that is kept by end may depend on it.
    [[nodiscard]] bool from_client() const noexcept { return side == flow().client_side; }
    [[nodiscard]] const base::Endpoint& source() const noexcept {
        return flow().ends[side].endpoint;
    }
    [[nodiscard]] const base::Endpoint& destination() const noexcept {
        return flow().ends[other(side)].endpoint;
    }
    /// One of the two ends has this port.
    [[nodiscard]] bool has_port(std::uint16_t port) const noexcept {
        return source().port == port || destination().port == port;
    }
};

/// The flow has a port of mDNS (RFC 6762), LLMNR (RFC 4795) or NetBIOS names (RFC 1002). They share
/// DNS's format, but nobody resolves a vendor's name with them.
[[nodiscard]] bool is_local_discovery(const PayloadContext& payload) noexcept;

/// Counts by protocol and reason.
class Problems {
  public:
    /// Both texts must live as long as the program.
    void count(std::string_view protocol, std::string_view reason, std::uint64_t times = 1);
    void count(std::string_view protocol, base::ParseError reason) {
        count(protocol, base::to_string(reason));
    }
    [[nodiscard]] std::vector<facts::DecodeCount> render() const;

  private:
    struct Entry {
        std::string_view protocol;
        std::string_view reason;
        std::uint64_t count = 0;
    };
    std::vector<Entry> entries_;
};

/// Finds a row by a hash for as long as an answer may come: two generations, so that nothing has to
/// be ordered and both memory and age are bounded.
class PendingRows {
  public:
    /// The row's index in `rows`, unless its place was given to another row meanwhile.
    template <typename Row>
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t key,
                                                    const facts::Rows<Row>& rows) const noexcept {
        const Entry* const entry = look_up(key);
        return entry != nullptr && rows[entry->index].id == entry->id ? std::optional{entry->index}
                                                                      : std::nullopt;
    }
    void insert(std::uint64_t key, std::uint32_t index, std::uint64_t id);
    /// Forgets all rows and their memory.
    void give_back() noexcept {
        base::give_back(young_);
        base::give_back(old_);
    }

  private:
    struct Entry {
        std::uint32_t index = 0;
        std::uint64_t id = 0;
    };
    [[nodiscard]] const Entry* look_up(std::uint64_t key) const noexcept;

    static constexpr std::size_t generation = 100'000;
    boost::unordered_flat_map<std::uint64_t, Entry> young_;
    boost::unordered_flat_map<std::uint64_t, Entry> old_;
};

/// Shared by all inspectors of one Inspector.
struct Context {
    explicit Context(const Options& chosen);

    Options options;
    std::uint64_t seed = 0;
    base::HashKey secret;  ///< made of the seed
    proto::Ja4Writer ja4;
    facts::Observation observation;
    Problems problems;
    flow::BufferPool pool;

    /// The keys and ciphers of QUIC, made when the first QUIC packet comes.
    proto::QuicOpener& opener();
    RowSlots<facts::AllKinds> slots;           ///< of the observation's lists
    std::vector<std::uint32_t> streams_ended;  ///< rows of RTP that nothing refers to any more

    /// Beyond the bound by so much, new facts are refused: there is nothing left to give up.
    [[nodiscard]] bool is_overweight() const noexcept {
        return options.memory != 0 && slots.weight() > options.memory + options.memory / 8;
    }

    /// Whether one more row of this kind fits; counts it if not.
    template <typename Kind>
    bool has_room() {
        // Flows of a run without end are bounded by their number, and the oldest go.
        const bool may_be_heavy = std::is_same_v<Kind, facts::FlowKind> && options.harvested;
        if (is_overweight() && !may_be_heavy) {
            problems.count(Kind::name, facts::no_room_reason);
            return false;
        }
        if (slots.count<Kind>(observation) < options.max_recorded) {
            return true;
        }
        problems.count(Kind::name, facts::too_many_reason);
        return false;
    }
    /// A new row with its id.
    template <typename Kind>
    Added<typename Kind::Row> add() {
        return slots.add<Kind>(observation);
    }
    /// The row is gone.
    template <typename Kind>
    void release(std::uint32_t index) {
        slots.take<Kind>(observation, index);
    }

  private:
    std::optional<proto::QuicOpener> opener_;
};

/// Raises the flow's protocol to a more telling one, or leaves it.
void note_protocol(facts::Flow& flow, facts::Protocol protocol) noexcept;

/// Records the name that the flow gave itself; a name of the innermost layer replaces an outer one.
void note_name(facts::Flow& flow, std::string_view name, facts::NameSource source);

}  // namespace turnpike::inspect
