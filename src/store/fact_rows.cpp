#include "store/fact_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <string>
#include <vector>

#include "store/row_values.h"
#include "store/schema.h"
#include "store/stored_text.h"
#include "turnpike/facts/dns_record.h"

namespace turnpike::store {
namespace {

using facts::Observation;

constexpr std::uint16_t type_a = 1;      // RFC 1035 3.2.2
constexpr std::uint16_t type_aaaa = 28;  // RFC 3596 2.1
constexpr std::uint16_t type_svcb = 64;  // RFC 9460 14.1
constexpr std::uint16_t type_https = 65;

// Writes the rows of one kind of fact; keeps the buffers whose text a row refers to while it is
// bound, so that a row costs no allocation.
class FactRows {
  public:
    FactRows(const RowTables& tables, std::int64_t run, const Observation& observation)
        : tables_(tables), run_(run), observation_(observation) {}

    // Each takes the range of indexes to be written.
    template <typename Indexes>
    void flows(const Indexes& indexes);
    template <typename Indexes>
    void dns_queries(const Indexes& indexes);
    template <typename Indexes>
    void hellos(const Indexes& indexes);
    template <typename Indexes>
    void transactions(const Indexes& indexes);
    template <typename Indexes>
    void streams(const Indexes& indexes);
    template <typename Indexes>
    void icmp_errors(const Indexes& indexes);

  private:
    [[nodiscard]] std::int64_t key(std::uint64_t number) const noexcept {
        return row_key(run_, number);
    }
    // Facts refer to flows by index; NULL guards a fact without one.
    [[nodiscard]] std::optional<std::int64_t> flow_key(std::uint32_t index) const noexcept {
        return index < observation_.flows.size() ? std::optional{key(observation_.flows[index].id)}
                                                 : std::nullopt;
    }
    void join_answers(const facts::DnsQuery& query);
    void append_record(std::uint16_t type, std::string_view data);
    void join_peers(const facts::StunTransaction& transaction);

    RowTables tables_;
    std::int64_t run_;
    const Observation& observation_;
    std::string list_;
    std::string hints_;
    std::string clean_;
    std::string more_clean_;
};

template <typename Indexes>
void FactRows::flows(const Indexes& indexes) {
    RowTable rows = tables_.open("flow", 14);
    for (const std::uint32_t index : indexes) {
        const auto& flow = observation_.flows[index];
        rows.put(key(flow.id), run_, to_string(flow.transport), to_string(flow.client.address),
                 flow.client.port, to_string(flow.server.address), flow.server.port,
                 micros(flow.first_seen()), micros(flow.last_seen()), flow.out.packets,
                 flow.in.packets, flow.out.bytes, flow.in.bytes, to_string(flow.protocol));
    }
    rows.finish();
}

// The parameters of an SVCB or HTTPS record in presentation form without its address hints
// (RFC 9460 7.3): they stand in a column of their own, for they answer no query for an address.
void append_without_hints(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (!word.starts_with("ipv4hint=") && !word.starts_with("ipv6hint=")) {
            out += out.empty() || out.ends_with(' ') ? "" : " ";
            out += word;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void append_item(std::string_view item, std::string& list) {
    list += list.empty() ? "" : ", ";
    list += item;
}

void FactRows::join_answers(const facts::DnsQuery& query) {
    list_.clear();
    hints_.clear();
    for (const auto& answer : query.answers) {
        if (answer.type == type_a || answer.type == type_aaaa) {
            append_item(to_string(answer.address), list_);
        } else if (answer.is_hint()) {
            append_item(to_string(answer.address), hints_);
        } else if (answer.is_alias()) {
            append_item(stored_text(query.data_of(answer), clean_), list_);
        } else {
            append_record(answer.type, query.data_of(answer));
        }
    }
}

void FactRows::append_record(std::uint16_t type, std::string_view data) {
    clean_.clear();
    facts::render_dns_record(type, data, clean_);
    if (type == type_svcb || type == type_https) {
        more_clean_.clear();
        append_without_hints(clean_, more_clean_);
        append_item(more_clean_, list_);
    } else {
        append_item(clean_, list_);
    }
}

template <typename Indexes>
void FactRows::dns_queries(const Indexes& indexes) {
    RowTable rows = tables_.open("dns_query", 14);
    for (const std::uint32_t index : indexes) {
        const auto& query = observation_.dns[index];
        join_answers(query);
        const auto& at = query.query ? query.query : query.response;
        std::optional<std::string> rcode;
        if (query.rcode) {
            rcode = facts::dns_rcode_name(*query.rcode);
        }
        rows.put(key(query.id), run_, flow_key(query.flow), micros(at.time), at.number,
                 to_string(query.client), to_string(query.resolver.address),
                 stored_text(query.name, clean_), facts::dns_type_name(query.type), rcode,
                 or_null(list_), or_null(hints_), query.sends, query.extended_error);
    }
    rows.finish();
}

// Versions as people write them; DTLS counts down (RFC 9147 5.3).
std::optional<std::string> version_name(std::uint16_t version) {
    switch (version) {
        case 0:
            return std::nullopt;
        case 0x0304:
        case 0xfefc:
            return "1.3";
        case 0x0303:
        case 0xfefd:
            return "1.2";
        case 0x0302:
            return "1.1";
        case 0x0301:
        case 0xfeff:
            return "1.0";
        case 0x0300:
            return "SSL 3.0";
        default:
            return fmt::format("0x{:04x}", version);
    }
}

std::string_view carrier_name(facts::TlsHello::Carrier carrier) noexcept {
    switch (carrier) {
        case facts::TlsHello::Carrier::tcp:
            return "tcp";
        case facts::TlsHello::Carrier::quic:
            return "quic";
        case facts::TlsHello::Carrier::dtls:
            return "dtls";
    }
    return "";
}

template <typename Indexes>
void FactRows::hellos(const Indexes& indexes) {
    RowTable rows = tables_.open("tls_hello", 10);
    for (const std::uint32_t index : indexes) {
        const auto& hello = observation_.hellos[index];
        const auto flow = flow_key(hello.flow);
        if (!flow) {
            continue;
        }
        list_ = fmt::format("{}", fmt::join(hello.alpn, ","));
        rows.put(key(hello.id), run_, flow, carrier_name(hello.carrier),
                 or_null(stored_text(hello.sni, clean_)), or_null(stored_text(list_, more_clean_)),
                 version_name(hello.version), hello.ech, or_null(hello.ja4), hello.at.number);
    }
    rows.finish();
}

void FactRows::join_peers(const facts::StunTransaction& transaction) {
    list_.clear();
    for (const auto& peer : transaction.peers) {
        list_ += list_.empty() ? "" : ", ";
        list_ += to_string(peer);
    }
}

template <typename Indexes>
void FactRows::transactions(const Indexes& indexes) {
    RowTable rows = tables_.open("stun_transaction", 17);
    for (const std::uint32_t index : indexes) {
        const auto& transaction = observation_.stun[index];
        const auto flow = flow_key(transaction.flow);
        if (!flow) {
            continue;
        }
        join_peers(transaction);
        const auto& at = transaction.request ? transaction.request : transaction.response;
        std::optional<double> round_trip;
        if (transaction.round_trip) {
            round_trip = std::chrono::duration<double, std::milli>(*transaction.round_trip).count();
        }
        std::string reason;
        rows.put(key(transaction.id), run_, flow, micros(at.time), to_string(transaction.direction),
                 facts::stun_method_name(transaction.method), to_string(transaction.outcome),
                 or_null_if_zero(transaction.error_code),
                 or_null(stored_text(transaction.error_reason, reason)), transaction.sends,
                 round_trip, or_null(stored_text(transaction.realm, clean_)),
                 or_null(stored_text(transaction.software, more_clean_)),
                 or_null(to_string(transaction.mapped)), or_null(to_string(transaction.relayed)),
                 or_null(list_), at.number);
    }
    rows.finish();
}

// [[time, seconds, packets, bytes, lost, jitter_ms], ...]: what the view rtp_seconds takes apart.
std::string_view seconds_text(const facts::MediaSeconds& seconds, std::string& out) {
    out = "[";
    auto time = seconds.begin();
    for (const auto& interval : seconds.intervals()) {
        fmt::format_to(std::back_inserter(out), "{}[{},{},{},{},{},", out.size() == 1 ? "" : ",",
                       micros(time), seconds.width().count(), interval.packets, interval.bytes,
                       interval.lost);
        if (interval.jitter_ms) {
            fmt::format_to(std::back_inserter(out), "{:.3f}]", *interval.jitter_ms);
        } else {
            out += "null]";
        }
        time += seconds.width();
    }
    out += ']';
    return out;
}

template <typename Indexes>
void FactRows::streams(const Indexes& indexes) {
    RowTable rows = tables_.open("rtp_stream", 12);
    for (const std::uint32_t index : indexes) {
        const auto& stream = observation_.rtp[index];
        const auto flow = flow_key(stream.flow);
        if (!flow) {
            continue;
        }
        rows.put(key(stream.id), run_, flow, to_string(stream.direction), stream.ssrc,
                 stream.payload_type, stream.packets, stream.lost, stream.jitter_ms,
                 micros(stream.first.time), micros(stream.last.time),
                 seconds_text(stream.seconds, list_));
    }
    rows.finish();
}

template <typename Indexes>
void FactRows::icmp_errors(const Indexes& indexes) {
    RowTable rows = tables_.open("icmp_error", 10);
    for (const std::uint32_t index : indexes) {
        const auto& error = observation_.icmp[index];
        const auto flow = flow_key(error.flow);
        if (!flow) {
            continue;
        }
        rows.put(key(error.id), run_, flow, micros(error.at.time), to_string(error.source),
                 error.icmp_version, error.type, error.code, or_null_if_zero(error.mtu),
                 error.at.number);
    }
    rows.finish();
}

}  // namespace

std::unique_ptr<PageFile> open_for_facts(Database& database) {
    constexpr std::array<std::string_view, 6> tables{
        "flow", "dns_query", "tls_hello", "stun_transaction", "rtp_stream", "icmp_error"};
    return PageFile::open(database, tables);
}

void write_fact_rows(const RowTables& tables, std::int64_t run, const Observation& observation) {
    FactRows rows(tables, run, observation);
    const auto all = [](const auto& facts) {
        return std::views::iota(0U, static_cast<std::uint32_t>(facts.size()));
    };
    rows.flows(all(observation.flows));
    rows.dns_queries(all(observation.dns));
    rows.hellos(all(observation.hellos));
    rows.transactions(all(observation.stun));
    rows.streams(all(observation.rtp));
    rows.icmp_errors(all(observation.icmp));
}

void update_fact_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes) {
    FactRows rows({database, batch, Writing::replace}, run, changes.observation);
    rows.flows(changes.flows);
    rows.dns_queries(changes.dns);
    rows.hellos(changes.hellos);
    rows.transactions(changes.stun);
    rows.streams(changes.rtp);
    rows.icmp_errors(changes.icmp);
}

}  // namespace turnpike::store
