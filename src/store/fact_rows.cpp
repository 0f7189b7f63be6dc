#include "store/fact_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "store/batch.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "store/stored_text.h"

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
    FactRows(Database& database, std::int64_t run, const Observation& observation)
        : database_(database), run_(run), observation_(observation), batch_(database) {}

    void flows();
    void dns_queries();
    void hellos();
    void transactions();
    void streams();
    void icmp_errors();
    void commit() { batch_.commit(); }

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
    void join_peers(const facts::StunTransaction& transaction);

    Database& database_;
    std::int64_t run_;
    const Observation& observation_;
    Batch batch_;
    std::string list_;
    std::string hints_;
    std::string clean_;
    std::string more_clean_;
};

void FactRows::flows() {
    Statement insert(database_, "INSERT INTO flow VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (const auto& flow : observation_.flows) {
        insert.run(key(flow.id), run_, to_string(flow.transport), to_string(flow.client.address),
                   flow.client.port, to_string(flow.server.address), flow.server.port,
                   micros(flow.first_seen()), micros(flow.last_seen()), flow.out.packets,
                   flow.in.packets, flow.out.bytes, flow.in.bytes, to_string(flow.protocol));
        batch_.row_written();
    }
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
    std::string parameters;
    for (const auto& answer : query.answers) {
        if (answer.type == type_a || answer.type == type_aaaa) {
            append_item(to_string(answer.address), list_);
        } else if (answer.type != type_svcb && answer.type != type_https) {
            append_item(stored_text(answer.text, clean_), list_);
        } else if (answer.text.empty()) {
            append_item(to_string(answer.address), hints_);
        } else {
            parameters.clear();
            append_without_hints(stored_text(answer.text, clean_), parameters);
            append_item(parameters, list_);
        }
    }
}

void FactRows::dns_queries() {
    Statement insert(database_, "INSERT INTO dns_query VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& query : observation_.dns) {
        join_answers(query);
        const auto& at = query.query ? query.query : query.response;
        std::optional<std::string> rcode;
        if (query.rcode) {
            rcode = facts::dns_rcode_name(*query.rcode);
        }
        insert.run(key(++number), run_, flow_key(query.flow), micros(at.time), at.number,
                   to_string(query.client), to_string(query.resolver.address),
                   stored_text(query.name, clean_), facts::dns_type_name(query.type), rcode,
                   or_null(list_), or_null(hints_), query.sends, query.extended_error);
        batch_.row_written();
    }
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

void FactRows::hellos() {
    Statement insert(database_, "INSERT INTO tls_hello VALUES(?,?,?,?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& hello : observation_.hellos) {
        const auto flow = flow_key(hello.flow);
        if (!flow) {
            continue;
        }
        list_ = fmt::format("{}", fmt::join(hello.alpn, ","));
        insert.run(key(++number), run_, flow, carrier_name(hello.carrier),
                   or_null(stored_text(hello.sni, clean_)),
                   or_null(stored_text(list_, more_clean_)), version_name(hello.version), hello.ech,
                   or_null(hello.ja4), hello.at.number);
        batch_.row_written();
    }
}

void FactRows::join_peers(const facts::StunTransaction& transaction) {
    list_.clear();
    for (const auto& peer : transaction.peers) {
        list_ += list_.empty() ? "" : ", ";
        list_ += to_string(peer);
    }
}

void FactRows::transactions() {
    Statement insert(database_,
                     "INSERT INTO stun_transaction VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& transaction : observation_.stun) {
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
        insert.run(key(++number), run_, flow, micros(at.time), to_string(transaction.direction),
                   facts::stun_method_name(transaction.method), to_string(transaction.outcome),
                   or_null_if_zero(transaction.error_code),
                   or_null(stored_text(transaction.error_reason, reason)), transaction.sends,
                   round_trip, or_null(stored_text(transaction.realm, clean_)),
                   or_null(stored_text(transaction.software, more_clean_)),
                   or_null(to_string(transaction.mapped)), or_null(to_string(transaction.relayed)),
                   or_null(list_), at.number);
        batch_.row_written();
    }
}

void FactRows::streams() {
    Statement insert(database_, "INSERT INTO rtp_stream VALUES(?,?,?,?,?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& stream : observation_.rtp) {
        const auto flow = flow_key(stream.flow);
        if (!flow) {
            continue;
        }
        insert.run(key(++number), run_, flow, to_string(stream.direction), stream.ssrc,
                   stream.payload_type, stream.packets, stream.lost, stream.jitter_ms,
                   micros(stream.first.time), micros(stream.last.time));
        batch_.row_written();
    }
}

void FactRows::icmp_errors() {
    Statement insert(database_, "INSERT INTO icmp_error VALUES(?,?,?,?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& error : observation_.icmp) {
        const auto flow = flow_key(error.flow);
        if (!flow) {
            continue;
        }
        insert.run(key(++number), run_, flow, micros(error.at.time), to_string(error.source),
                   error.icmp_version, error.type, error.code, or_null_if_zero(error.mtu),
                   error.at.number);
        batch_.row_written();
    }
}

}  // namespace

void write_fact_rows(Database& database, std::int64_t run, const Observation& observation) {
    FactRows rows(database, run, observation);
    rows.flows();
    rows.dns_queries();
    rows.hellos();
    rows.transactions();
    rows.streams();
    rows.icmp_errors();
    rows.commit();
}

}  // namespace turnpike::store
