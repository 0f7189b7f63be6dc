// The tables of facts. A new column is a line here; one that people may read is a line in views.cpp
// as well.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/columns.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "turnpike/facts/facts.h"
#include "turnpike/facts/words.h"

namespace turnpike::store {

/// A fact that is to become a row.
template <typename Fact>
struct FactEntry {
    std::int64_t key = 0;
    std::int64_t run = 0;
    const Fact& fact;
    const facts::Flow* flow = nullptr;  ///< null where it has none
    std::string_view list;              ///< what of it is a list, joined
    std::string_view hints;             ///< of a DNS query: address hints, joined

    /// The key of the flow's row.
    [[nodiscard]] std::optional<std::int64_t> flow_key() const noexcept {
        return flow == nullptr ? std::nullopt : std::optional{row_key(run, flow->id)};
    }
};
using FlowEntry = FactEntry<facts::Flow>;
using DnsEntry = FactEntry<facts::DnsQuery>;
using HelloEntry = FactEntry<facts::TlsHello>;
using StunEntry = FactEntry<facts::StunTransaction>;
using StreamEntry = FactEntry<facts::RtpStream>;
using IcmpEntry = FactEntry<facts::IcmpError>;

/// flow_column of a fact.
inline constexpr auto fact_flow_column =
    Column{flow_column.info, [](const auto& entry) { return entry.flow_key(); }};

/// A version of TLS or DTLS as people write it; nothing for 0.
std::optional<std::string> version_name(std::uint16_t version);

inline constexpr auto flow_table =
    table("flow", id_column, run_column,
          column("transport", "TEXT NOT NULL", holds::word<facts::Transport>, "of the flow",
                 [](const FlowEntry& e) { return to_string(e.fact.transport); }),
          column("client_ip", "TEXT NOT NULL", holds::text, "RFC 5952 form",
                 [](const FlowEntry& e) { return to_string(e.fact.client().address()); }),
          column("client_port", "INTEGER NOT NULL", holds::integer, "the client's port",
                 [](const FlowEntry& e) { return e.fact.client().port(); }),
          column("server_ip", "TEXT NOT NULL", holds::text, "the server's address",
                 [](const FlowEntry& e) { return to_string(e.fact.server().address()); }),
          column("server_port", "INTEGER NOT NULL", holds::integer, "the server's port",
                 [](const FlowEntry& e) { return e.fact.server().port(); }),
          column("first_seen", "INTEGER NOT NULL", holds::time, "the flow's first packet",
                 [](const FlowEntry& e) { return micros(e.fact.first_seen()); }),
          column("last_seen", "INTEGER NOT NULL", holds::time, "its last packet",
                 [](const FlowEntry& e) { return micros(e.fact.last_seen()); }),
          column("packets_out", "INTEGER NOT NULL", holds::integer, "from the client",
                 [](const FlowEntry& e) { return e.fact.client().packets; }),
          column("packets_in", "INTEGER NOT NULL", holds::integer, "to the client",
                 [](const FlowEntry& e) { return e.fact.server().packets; }),
          column("bytes_out", "INTEGER NOT NULL", holds::integer, "IP length",
                 [](const FlowEntry& e) { return e.fact.client().bytes; }),
          column("bytes_in", "INTEGER NOT NULL", holds::integer, "IP length",
                 [](const FlowEntry& e) { return e.fact.server().bytes; }),
          column("protocol", "TEXT NOT NULL", holds::word<facts::Protocol>,
                 "the innermost that was recognised",
                 [](const FlowEntry& e) { return to_string(e.fact.protocol); }));

inline constexpr auto dns_query_table =
    table("dns_query", id_column, run_column,
          column("flow", "INTEGER REFERENCES flow", holds::number, "the flow that carried it",
                 [](const DnsEntry& e) { return e.flow_key(); }),
          column("time", "INTEGER NOT NULL", holds::time, "of the query",
                 [](const DnsEntry& e) { return micros(e.fact.start().time); }),
          column("packet", "INTEGER NOT NULL", holds::integer, "its number in the capture",
                 [](const DnsEntry& e) { return e.fact.start().number; }),
          column("client_ip", "TEXT NOT NULL", holds::text, "who asked",
                 [](const DnsEntry& e) { return to_string(e.fact.client); }),
          column("resolver_ip", "TEXT NOT NULL", holds::text, "who was asked",
                 [](const DnsEntry& e) { return to_string(e.fact.resolver.address); }),
          column("qname", "TEXT NOT NULL", holds::text, "the name asked for",
                 [](const DnsEntry& e) { return Unclean{e.fact.name}; }),
          column("qtype", "TEXT NOT NULL", holds::text, "`A`, `AAAA`, `HTTPS` ...",
                 [](const DnsEntry& e) { return facts::dns_type_name(e.fact.type); }),
          column("rcode", "TEXT", holds::text, "the answer's code; NULL when unanswered",
                 [](const DnsEntry& e) {
                     return e.fact.rcode ? std::optional{facts::dns_rcode_name(*e.fact.rcode)}
                                         : std::nullopt;
                 }),
          column("answers", "TEXT", holds::text, "joined by `, `",
                 [](const DnsEntry& e) { return or_null(e.list); }),
          column("address_hints", "TEXT", holds::text, "of SVCB and HTTPS records (RFC 9460)",
                 [](const DnsEntry& e) { return or_null(e.hints); }),
          column("sends", "INTEGER NOT NULL", holds::integer, "how often it was sent",
                 [](const DnsEntry& e) { return e.fact.sends; }),
          column("extended_error", "INTEGER", holds::integer, "RFC 8914",
                 [](const DnsEntry& e) { return e.fact.extended_error; }));

inline constexpr auto tls_hello_table = table(
    "tls_hello", id_column, run_column, fact_flow_column,
    column("carrier", "TEXT NOT NULL", holds::word<facts::TlsHello::Carrier>, "what it came over",
           [](const HelloEntry& e) { return to_string(e.fact.carrier); }),
    column("sni", "TEXT", holds::text, "the server name",
           [](const HelloEntry& e) { return UncleanOrNull{e.fact.sni}; }),
    column("alpn", "TEXT", holds::text, "joined by `,`",
           [](const HelloEntry& e) { return UncleanOrNull{e.fact.alpn}; }),
    column("version", "TEXT", holds::text, "the highest offered",
           [](const HelloEntry& e) { return version_name(e.fact.version); }),
    column("ech", "INTEGER NOT NULL", holds::flag, "encrypted: the name is the provider's",
           [](const HelloEntry& e) { return e.fact.ech; }),
    column("ja4", "TEXT", holds::text, "the client's fingerprint",
           [](const HelloEntry& e) { return or_null(e.fact.ja4.view()); }),
    column("packet", "INTEGER NOT NULL", holds::integer, "its number in the capture",
           [](const HelloEntry& e) { return e.fact.at.number; }));

inline constexpr auto stun_transaction_table = table(
    "stun_transaction", id_column, run_column, fact_flow_column,
    column("time", "INTEGER NOT NULL", holds::time, "when",
           [](const StunEntry& e) { return micros(e.fact.start().time); }),
    column("direction", "TEXT NOT NULL", holds::word<facts::Direction>, "who asked",
           [](const StunEntry& e) { return to_string(e.flow->direction_of(e.fact.side)); }),
    column("method", "TEXT NOT NULL", holds::text, "`binding`, `allocate` ...",
           [](const StunEntry& e) { return facts::stun_method_name(e.fact.method); }),
    column("outcome", "TEXT NOT NULL", holds::word<facts::StunOutcome>, "what came of it",
           [](const StunEntry& e) { return to_string(e.fact.outcome); }),
    column("error_code", "INTEGER", holds::integer, "of an error answer",
           [](const StunEntry& e) { return or_null_if_zero(e.fact.error_code); }),
    column("error_reason", "TEXT", holds::text, "of an error answer",
           [](const StunEntry& e) { return UncleanOrNull{e.fact.error_reason}; }),
    column("sends", "INTEGER NOT NULL", holds::integer, "how often the request was sent",
           [](const StunEntry& e) { return e.fact.sends; }),
    column("rtt_ms", "REAL", holds::real, "round trip",
           [](const StunEntry& e) {
               using Milliseconds = std::chrono::duration<double, std::milli>;
               return e.fact.round_trip ? std::optional{Milliseconds(*e.fact.round_trip).count()}
                                        : std::nullopt;
           }),
    column("realm", "TEXT", holds::text, "of the server",
           [](const StunEntry& e) { return UncleanOrNull{e.fact.realm}; }),
    column("software", "TEXT", holds::text, "of the server",
           [](const StunEntry& e) { return UncleanOrNull{e.fact.software}; }),
    column("mapped_address", "TEXT", holds::text, "what the server saw",
           [](const StunEntry& e) { return or_null(to_string(e.fact.mapped)); }),
    column("relayed_address", "TEXT", holds::text, "what the relay gave",
           [](const StunEntry& e) { return or_null(to_string(e.fact.relayed)); }),
    column("peer_address", "TEXT", holds::text, "joined by `, `",
           [](const StunEntry& e) { return or_null(e.list); }),
    column("packet", "INTEGER NOT NULL", holds::integer, "its number in the capture",
           [](const StunEntry& e) { return e.fact.start().number; }));

inline constexpr auto rtp_stream_table = table(
    "rtp_stream", id_column, run_column, fact_flow_column,
    column("direction", "TEXT NOT NULL", holds::word<facts::Direction>, "out: from the client",
           [](const StreamEntry& e) { return to_string(e.flow->direction_of(e.fact.side)); }),
    column("ssrc", "INTEGER NOT NULL", holds::hex, "`0x0000abcd`",
           [](const StreamEntry& e) { return e.fact.ssrc; }),
    column("payload_type", "INTEGER NOT NULL", holds::integer, "the last that carried media",
           [](const StreamEntry& e) { return e.fact.payload_type; }),
    column("packets", "INTEGER NOT NULL", holds::integer, "all",
           [](const StreamEntry& e) { return e.fact.packets; }),
    column("lost", "INTEGER NOT NULL", holds::integer, "expected less received, RFC 3550 A.3",
           [](const StreamEntry& e) { return e.fact.lost; }),
    column("jitter_ms", "REAL", holds::real,
           "RFC 3550 A.8 at the end; NULL where the clock is unknown",
           [](const StreamEntry& e) { return e.fact.jitter_ms; }),
    column("first_seen", "INTEGER NOT NULL", holds::time, "the first packet",
           [](const StreamEntry& e) { return micros(e.fact.first.time); }),
    column("last_seen", "INTEGER NOT NULL", holds::time, "the last packet",
           [](const StreamEntry& e) { return micros(e.fact.last.time); }),
    column("seconds", "TEXT", holds::text, "its intervals, which rtp_seconds takes apart",
           [](const StreamEntry& e) { return e.list; }));

inline constexpr auto icmp_error_table =
    table("icmp_error", id_column, run_column, fact_flow_column,
          column("time", "INTEGER NOT NULL", holds::time, "when",
                 [](const IcmpEntry& e) { return micros(e.fact.at.time); }),
          column("source_ip", "TEXT NOT NULL", holds::text, "who said so",
                 [](const IcmpEntry& e) { return to_string(e.fact.source); }),
          column("icmp_version", "INTEGER NOT NULL", holds::integer, "4 or 6",
                 [](const IcmpEntry& e) { return e.fact.icmp_version; }),
          column("type", "INTEGER NOT NULL", holds::integer, "of the message",
                 [](const IcmpEntry& e) { return e.fact.type; }),
          column("code", "INTEGER NOT NULL", holds::integer, "of the message",
                 [](const IcmpEntry& e) { return e.fact.code; }),
          column("mtu", "INTEGER", holds::integer, "that it asks for",
                 [](const IcmpEntry& e) { return or_null_if_zero(e.fact.mtu); }),
          column("packet", "INTEGER NOT NULL", holds::integer, "its number in the capture",
                 [](const IcmpEntry& e) { return e.fact.at.number; }));

}  // namespace turnpike::store
