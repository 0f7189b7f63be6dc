// The kinds of facts, each declared once. What keeps lists of them (inspection, harvests, the
// window of a live run) is made of these declarations by templates, and asks them what differs.
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// What every kind says:
/// - `Row`, and the list of them in an observation: `rows`.
/// - `name`: in CaptureQuality::problems, where rows had no room.
/// - `weight`: octets that a row takes with its strings and with what attribution and verdicts make
///   of it; measured (`tools/floods --memory 64G`), with a margin.
/// And a kind of rows that belong to a flow (`Row::flow`):
/// - `appeared`: when, as far as all workers of a live run agree on it (their packet numbers do
///   not).
/// - `changed_by`: the number of the last packet that changed the row.
/// - `is_settled`: nothing can change the row any more, though its flow goes on.
/// - `outlives_flow`: the row counts after its flow left the memory of a live run.
/// - `of_flow`, if flows list their rows of this kind: that list of indexes.
struct FlowKind {
    using Row = Flow;
    static constexpr std::string_view name = "flow";
    static auto& rows(auto& observation) noexcept { return observation.flows; }
    /// Of its state while it is followed as well, without its rows. With its verdict a
    /// vendor's takes 730 octets over UDP and 1,070 over TCP, another one 420 and 900.
    static std::size_t weight(const Row& flow) noexcept {
        return flow.transport == Transport::tcp ? 1'200 : 850;
    }
};

/// DNS queries. A query stays after its flow, for its answer names addresses until it expires.
struct DnsKind {
    using Row = DnsQuery;
    static constexpr std::string_view name = "dns";
    static constexpr bool outlives_flow = true;  // an answer counts for its time to live
    static auto& rows(auto& observation) noexcept { return observation.dns; }
    static std::size_t weight(const Row& query) noexcept {
        constexpr std::size_t of_the_query = 500;
        constexpr std::size_t of_an_answer = 80;  // of which most is the index of addresses
        // What is kept of other records may be an alias, which is a key as well.
        return of_the_query + query.answers.size() * of_an_answer + query.data.size() * 2;
    }
    static base::Timestamp appeared(const Row& row) noexcept { return row.start().time; }
    static std::uint64_t changed_by(const Row& row) noexcept { return last(row).number; }
    /// A second answer comes within seconds if at all, and so does an answer to a query that nobody
    /// repeats: stubs give up after 5 to 30 s (resolv.conf(5)).
    static bool is_settled(const Row& row, base::Timestamp now) noexcept {
        constexpr base::Duration answered = std::chrono::seconds{5};
        constexpr base::Duration open = std::chrono::seconds{30};
        return now - last(row).time > (row.response ? answered : open);
    }

  private:
    static const PacketMark& last(const Row& row) noexcept {
        return row.last_send.number > row.response.number ? row.last_send : row.response;
    }
};

/// ClientHellos, which nothing changes once they are there.
struct HelloKind {
    using Row = TlsHello;
    static constexpr std::string_view name = "tls";
    static constexpr bool outlives_flow = false;
    static auto& rows(auto& observation) noexcept { return observation.hellos; }
    static std::size_t weight(const Row& /*hello*/) noexcept { return 1'000; }
    static base::Timestamp appeared(const Row& row) noexcept { return row.at.time; }
    static std::uint64_t changed_by(const Row& row) noexcept { return row.at.number; }
    static bool is_settled(const Row& /*row*/, base::Timestamp /*now*/) noexcept { return true; }
};

/// STUN and TURN transactions.
struct StunKind {
    using Row = StunTransaction;
    static constexpr std::string_view name = "stun";
    static constexpr bool outlives_flow = false;
    static auto& rows(auto& observation) noexcept { return observation.stun; }
    static auto& of_flow(RareFacts& facts) noexcept { return facts.transactions; }
    static std::size_t weight(const Row& /*transaction*/) noexcept { return 700; }
    static base::Timestamp appeared(const Row& row) noexcept { return row.start().time; }
    static std::uint64_t changed_by(const Row& row) noexcept {
        return std::max(row.last_request.number, row.response.number);
    }
    /// The last retransmission waits 16 RTO after 31.5 s in all (RFC 8489 6.2.1).
    static bool is_settled(const Row& row, base::Timestamp now) noexcept {
        constexpr base::Duration answered = std::chrono::seconds{40};
        return row.response && now - row.response.time > answered;
    }
};

/// RTP streams, which change with every packet until their flow ends.
struct RtpKind {
    using Row = RtpStream;
    static constexpr std::string_view name = "rtp";
    static constexpr bool outlives_flow = false;
    /// Sources that are followed at a time: a conference through one 5-tuple.
    static constexpr std::size_t most_of_flow = 64;
    static auto& rows(auto& observation) noexcept { return observation.rtp; }
    static auto& of_flow(RareFacts& facts) noexcept { return facts.streams; }
    static std::size_t weight(const Row& /*stream*/) noexcept { return 300; }
    static base::Timestamp appeared(const Row& row) noexcept { return row.first.time; }
    static std::uint64_t changed_by(const Row& row) noexcept { return row.last.number; }
    static bool is_settled(const Row& /*row*/, base::Timestamp /*now*/) noexcept { return false; }
};

/// ICMP errors about a flow.
struct IcmpKind {
    using Row = IcmpError;
    static constexpr std::string_view name = "icmp";
    static constexpr bool outlives_flow = false;
    static auto& rows(auto& observation) noexcept { return observation.icmp; }
    static auto& of_flow(RareFacts& facts) noexcept { return facts.icmp; }
    static std::size_t weight(const Row& /*error*/) noexcept { return 200; }
    static base::Timestamp appeared(const Row& row) noexcept { return row.at.time; }
    static std::uint64_t changed_by(const Row& row) noexcept { return row.at.number; }
    static bool is_settled(const Row& /*row*/, base::Timestamp /*now*/) noexcept { return false; }
};

/// A list of kinds as a type, for templates.
template <typename... Kinds>
struct KindList {};

/// The kinds of rows that belong to flows.
using RowKinds = KindList<DnsKind, HelloKind, StunKind, RtpKind, IcmpKind>;

/// The same with flows themselves in front.
template <typename First, typename List>
struct Prepended;
template <typename First, typename... Kinds>
struct Prepended<First, KindList<Kinds...>> {
    using List = KindList<First, Kinds...>;
};
/// Flows and all kinds of rows that belong to them.
using AllKinds = Prepended<FlowKind, RowKinds>::List;

/// Flows list their rows of this kind.
template <typename Kind>
inline constexpr bool is_listed_by_flow = requires(RareFacts& facts) { Kind::of_flow(facts); };

/// Calls `visit(kind)` for each of them; `kind` tells them apart by its type alone.
template <typename Visit, typename... Kinds>
void for_each_kind(KindList<Kinds...> /*kinds*/, Visit&& visit) {
    (visit(Kinds{}), ...);
}

/// A value for each kind of a list, whose type may depend on the kind.
template <template <typename Kind> class Of, typename List = RowKinds>
class EachKind;

template <template <typename Kind> class Of, typename... Kinds>
class EachKind<Of, KindList<Kinds...>> {
  public:
    /// The value of that kind, which must be in the list.
    template <typename Kind>
    [[nodiscard]] Of<Kind>& of() noexcept {
        return std::get<index_of<Kind>()>(values_);
    }
    /// The same to read.
    template <typename Kind>
    [[nodiscard]] const Of<Kind>& of() const noexcept {
        return std::get<index_of<Kind>()>(values_);
    }
    /// Calls `visit(kind, value)` for each of them.
    template <typename Visit>
    void for_each(Visit&& visit) {
        (visit(Kinds{}, of<Kinds>()), ...);
    }
    /// The same to read.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        (visit(Kinds{}, of<Kinds>()), ...);
    }

  private:
    template <typename Kind>
    static constexpr std::size_t index_of() noexcept {
        static_assert((std::is_same_v<Kind, Kinds> || ...), "not a kind of this list");
        std::size_t index = 0;
        static_cast<void>(((std::is_same_v<Kind, Kinds> || (++index, false)) || ...));
        return index;
    }
    std::tuple<Of<Kinds>...> values_;
};

}  // namespace turnpike::facts
