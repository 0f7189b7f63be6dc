// Declares the tables of facts, and writes their rows.
#include "store/fact_rows.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <string>
#include <type_traits>
#include <vector>

#include "store/fact_tables.h"
#include "store/row_table.h"
#include "store/schema.h"
#include "store/stored_text.h"
#include "turnpike/facts/dns_record.h"
#include "turnpike/facts/kinds.h"

namespace turnpike::store {
namespace {

using facts::Observation;

constexpr std::uint16_t type_a = 1;      // RFC 1035 3.2.2
constexpr std::uint16_t type_aaaa = 28;  // RFC 3596 2.1
constexpr std::uint16_t type_svcb = 64;  // RFC 9460 14.1
constexpr std::uint16_t type_https = 65;

// Makes the entries of rows out of facts; keeps the buffers whose text an entry refers to, so that
// a row costs no allocation.
class FactRows {
  public:
    FactRows(const RowTarget& target, std::int64_t run, const Observation& observation)
        : target_(target), run_(run), observation_(observation) {}

    /// Writes the facts with those indexes to their table.
    template <typename Table, typename Facts, typename Indexes>
    void put(const Table& table, const Facts& facts, const Indexes& indexes) {
        using Fact = Facts::value_type;
        RowTable rows(target_, table);
        for (const std::uint32_t index : indexes) {
            const Fact& fact = facts[index];
            const facts::Flow* const flow = flow_of(fact);
            if (flow != nullptr || needs_no_flow<Fact>) {
                list_.clear();
                hints_.clear();
                join(fact);
                rows.put(FactEntry<Fact>{row_key(run_, fact.id), run_, fact, flow, list_, hints_});
            }
        }
        rows.finish();
    }

  private:
    // A row of its own kind stands without a flow to refer to.
    template <typename Fact>
    static constexpr bool needs_no_flow =
        std::is_same_v<Fact, facts::Flow> || std::is_same_v<Fact, facts::DnsQuery>;

    // Facts refer to flows by index; null guards a fact without one.
    template <typename Fact>
    [[nodiscard]] const facts::Flow* flow_of(const Fact& fact) const noexcept {
        if constexpr (std::is_same_v<Fact, facts::Flow>) {
            return nullptr;
        } else {
            return fact.flow < observation_.flows.size() ? &observation_.flows[fact.flow] : nullptr;
        }
    }

    void join(const facts::DnsQuery& query);
    void join(const facts::StunTransaction& transaction);
    void join(const facts::RtpStream& stream);
    void join(const facts::Flow& /*flow*/) noexcept {}
    void join(const facts::TlsHello& /*hello*/) noexcept {}
    void join(const facts::IcmpError& /*error*/) noexcept {}
    void append_record(std::uint16_t type, std::string_view data);

    RowTarget target_;
    std::int64_t run_;
    const Observation& observation_;
    std::string list_;
    std::string hints_;
    std::string clean_;
    std::string more_clean_;
};

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

void FactRows::join(const facts::DnsQuery& query) {
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

void FactRows::join(const facts::StunTransaction& transaction) {
    for (const auto& peer : transaction.peers) {
        append_item(to_string(peer), list_);
    }
}

// [[time, seconds, packets, bytes, lost, jitter_ms], ...]: what the view rtp_seconds takes apart.
void FactRows::join(const facts::RtpStream& stream) {
    const auto& seconds = stream.seconds;
    list_ = "[";
    auto time = seconds.begin();
    for (const auto& interval : seconds.intervals()) {
        fmt::format_to(std::back_inserter(list_), FMT_COMPILE("{}[{},{},{},{},{},"),
                       list_.size() == 1 ? "" : ",", micros(time), seconds.width().count(),
                       interval.packets, interval.bytes, interval.lost);
        if (interval.jitter_ms) {
            fmt::format_to(std::back_inserter(list_), FMT_COMPILE("{:.3f}]"), *interval.jitter_ms);
        } else {
            list_ += "null]";
        }
        time += seconds.width();
    }
    list_ += ']';
}

/// Calls `visit(kind, table)` for every kind of facts, flows first: the others refer to them.
template <typename Visit>
void each_table(Visit&& visit) {
    visit(facts::FlowKind{}, flow_table);
    visit(facts::DnsKind{}, dns_query_table);
    visit(facts::HelloKind{}, tls_hello_table);
    visit(facts::StunKind{}, stun_transaction_table);
    visit(facts::RtpKind{}, rtp_stream_table);
    visit(facts::IcmpKind{}, icmp_error_table);
}

}  // namespace

// DTLS counts down (RFC 9147 5.3).
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

std::vector<TableInfo> fact_tables() {
    std::vector<TableInfo> tables;
    each_table([&](auto /*kind*/, const auto& table) { tables.push_back(info_of(table)); });
    return tables;
}

std::unique_ptr<PageFile> open_for_facts(Database& database) {
    std::vector<std::string_view> names;
    each_table([&](auto /*kind*/, const auto& table) { names.push_back(table.name); });
    return PageFile::open(database, names);
}

void write_fact_rows(const RowTarget& target, std::int64_t run, const Observation& observation) {
    FactRows rows(target, run, observation);
    each_table([&]<typename Kind>(Kind, const auto& table) {
        const auto& facts = Kind::rows(observation);
        rows.put(table, facts, std::views::iota(0U, static_cast<std::uint32_t>(facts.size())));
    });
}

void update_fact_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes) {
    const auto& observation = changes.observation;
    FactRows rows({database, batch, Writing::replace}, run, observation);
    each_table([&]<typename Kind>(Kind, const auto& table) {
        if constexpr (std::is_same_v<Kind, facts::FlowKind>) {
            rows.put(table, observation.flows, changes.flows);
        } else {
            rows.put(table, Kind::rows(observation), changes.rows.of<Kind>());
        }
    });
}

}  // namespace turnpike::store
