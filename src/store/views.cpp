// Declares the views column by column, and writes their SQL.
#include "store/views.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "store/comparison_layout.h"
#include "store/schema.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {
namespace {

// Which row of which document; the tables rule and product are joined.
constexpr ViewColumn vendor{"product.vendor"};
constexpr ViewColumn product{"product.product"};
constexpr ViewColumn revision{"product.revision"};
constexpr ViewColumn rule_id{"rule.rule_id"};

constexpr std::array headlines{
    ViewColumn{"headline.run_id"},
    ViewColumn{"headline.rank"},
    vendor,
    product,
    ViewColumn{"headline.state"},
    ViewColumn{"headline.headline"},
    ViewColumn{"headline.advice"},
    revision,
};

constexpr std::array runs{
    ViewColumn{"run.run_id"},
    ViewColumn{"run.started", "started_at"},
    ViewColumn{"run.source"},
    ViewColumn{"run.first_packet"},
    ViewColumn{"run.last_packet"},
    ViewColumn{"run.packets"},
    ViewColumn{"run.bytes"},
    ViewColumn{"run.dropped", "packets_dropped"},
    ViewColumn{"run.malformed", "packets_malformed"},
    ViewColumn{"run.duplicate", "packets_duplicate"},
    ViewColumn{"run.complete"},
    ViewColumn{"run.version", "turnpike_version"},
    ViewColumn{"run.selectors"},
    ViewColumn{"run.cut", "packets_cut"},
    ViewColumn{"run.ip_packets", "packets_ip"},
    ViewColumn{"run.non_ip", "packets_non_ip"},
    ViewColumn{"run.fragments", "packets_fragments"},
    ViewColumn{"run.backward_steps"},
    ViewColumn{"run.cut_off"},
    ViewColumn{"run.one_sided"},
    ViewColumn{"run.copying"},
    ViewColumn{"run.flows"},
    ViewColumn{"run.flows_passed"},
    ViewColumn{"run.flows_blocked"},
    ViewColumn{"run.flows_inconclusive"},
    ViewColumn{"run.unseen", "bytes_unseen"},
    ViewColumn{"run.answered"},
};

constexpr std::array products{
    ViewColumn{"product.run_id"},
    vendor,
    product,
    revision,
    ViewColumn{"product.vendor_name"},
    ViewColumn{"product.product_name"},
    ViewColumn{"product.source_title"},
    ViewColumn{"product.source_location"},
    ViewColumn{"product.allow_listable"},
    ViewColumn{"product.use_instead"},
};

constexpr std::array requirements{
    ViewColumn{"requirement.run_id"},
    vendor,
    product,
    revision,
    rule_id,
    ViewColumn{"rule.purpose"},
    ViewColumn{"requirement.level"},
    ViewColumn{"requirement.transport"},
    ViewColumn{"requirement.ports"},
    ViewColumn{"rule.destination"},
    ViewColumn{"requirement.status"},
    ViewColumn{"requirement.block_reason"},
    ViewColumn{"requirement.stage"},
    ViewColumn{"requirement.grade"},
    ViewColumn{"requirement.flows_passed"},
    ViewColumn{"requirement.flows_blocked"},
    ViewColumn{"requirement.flows_inconclusive"},
    ViewColumn{"requirement.first_seen"},
    ViewColumn{"requirement.last_seen"},
    ViewColumn{"requirement.inconclusive_reason"},
    ViewColumn{"requirement.condition"},
    ViewColumn{"rule.direction"},
    ViewColumn{"rule.duplex"},
    ViewColumn{"rule.alternative_group"},
    ViewColumn{"rule.alternative_branch"},
    ViewColumn{"rule.preference"},
    ViewColumn{"rule.notes"},
};
constexpr std::string_view requirement_tables =
    "requirement JOIN rule ON rule.id = requirement.rule "
    "JOIN product ON product.id = rule.product";

constexpr std::array domains{
    ViewColumn{"domain.run_id"},
    vendor,
    product,
    revision,
    rule_id,
    ViewColumn{"domain.pattern"},
    ViewColumn{"domain.status"},
    ViewColumn{"domain.block_reason"},
    ViewColumn{"domain.names_seen"},
    ViewColumn{"domain.notes"},
};

constexpr std::array evidence{
    ViewColumn{"requirement_evidence.run_id"},
    vendor,
    product,
    revision,
    rule_id,
    ViewColumn{"requirement.transport"},
    ViewColumn{"requirement.ports"},
    ViewColumn{"flow.id", "flow_id", "the flow, see `flows`", holds::number},
    ViewColumn{"flow.client_ip"},
    ViewColumn{"flow.client_port"},
    ViewColumn{"flow.server_ip"},
    ViewColumn{"flow.server_port"},
    ViewColumn{"flow.protocol"},
    ViewColumn{"flow_verdict.server_name"},
    ViewColumn{"flow.first_seen"},
    ViewColumn{"flow.last_seen"},
    ViewColumn{"flow_verdict.outcome"},
    ViewColumn{"flow_verdict.block_reason"},
    ViewColumn{"flow_verdict.stage"},
    ViewColumn{"flow_verdict.grade"},
    ViewColumn{"flow_verdict.inconclusive_reason"},
    ViewColumn{"flow_verdict.confidence"},
    ViewColumn{"flow_verdict.notes"},
    ViewColumn{"flow_verdict.evidence"},
    ViewColumn{"flow_verdict.control_flow", "control_flow_id"},
};

constexpr std::array dns_evidence{
    ViewColumn{"requirement_evidence.run_id"},
    vendor,
    product,
    revision,
    rule_id,
    ViewColumn{"requirement.transport"},
    ViewColumn{"requirement.ports"},
    ViewColumn{"dns_query.client_ip"},
    ViewColumn{"dns_query.resolver_ip"},
    ViewColumn{"dns_query.qname"},
    ViewColumn{"dns_query.qtype"},
    ViewColumn{"dns_query.rcode"},
    ViewColumn{"dns_query.answers"},
    ViewColumn{"dns_query.time"},
    ViewColumn{"dns_query.sends"},
    ViewColumn{"dns_query.extended_error"},
    ViewColumn{"dns_query.packet"},
};

constexpr std::array undocumented{
    ViewColumn{"undocumented_flow.run_id"},
    vendor,
    product,
    revision,
    ViewColumn{"undocumented_flow.what"},
    ViewColumn{"undocumented_flow.detail"},
    ViewColumn{"rule.rule_id", "nearest_rule_id", "the row that comes nearest"},
    ViewColumn{"undocumented_flow.flow", "flow_id"},
    ViewColumn{"flow.transport"},
    ViewColumn{"flow.client_ip"},
    ViewColumn{"flow.client_port"},
    ViewColumn{"flow.server_ip"},
    ViewColumn{"flow.server_port"},
    ViewColumn{"flow_verdict.server_name"},
    ViewColumn{"flow_verdict.outcome"},
    ViewColumn{"flow_verdict.block_reason"},
    ViewColumn{"flow_verdict.evidence"},
};

constexpr std::array alternatives{
    ViewColumn{"alternative.run_id"},
    vendor,
    product,
    revision,
    ViewColumn{"alternative.alternative_group"},
    ViewColumn{"alternative.text"},
};

constexpr std::array warnings{ViewColumn{"warning.run_id"}, ViewColumn{"warning.text"}};

constexpr std::array decode_problems{
    ViewColumn{"decode_problem.run_id"}, ViewColumn{"decode_problem.protocol"},
    ViewColumn{"decode_problem.reason"}, ViewColumn{"decode_problem.count"}};

constexpr std::string_view of_its_row = "of the row it belongs to; NULL where none fits";
constexpr std::string_view of_its_vendor =
    "of the row it belongs to; where none fits, whose name or address is in it; NULL where "
    "nobody's";
constexpr std::array flows{
    ViewColumn{"flow.run_id"},
    ViewColumn{"flow.id", "flow_id", "from 1 in the run", holds::number},
    ViewColumn{"flow.transport"},
    ViewColumn{"flow.client_ip"},
    ViewColumn{"flow.client_port"},
    ViewColumn{"flow.server_ip"},
    ViewColumn{"flow.server_port"},
    ViewColumn{"flow.first_seen"},
    ViewColumn{"flow.last_seen"},
    ViewColumn{"flow.packets_out"},
    ViewColumn{"flow.packets_in"},
    ViewColumn{"flow.bytes_out"},
    ViewColumn{"flow.bytes_in"},
    ViewColumn{"flow.protocol"},
    ViewColumn{"flow_verdict.server_name"},
    ViewColumn{"flow_verdict.server_name_source"},
    ViewColumn{"flow_verdict.outcome"},
    ViewColumn{"flow_verdict.block_reason"},
    ViewColumn{"flow_verdict.stage"},
    ViewColumn{"flow_verdict.grade"},
    ViewColumn{"flow_verdict.inconclusive_reason"},
    ViewColumn{"flow_verdict.notes"},
    ViewColumn{"flow_verdict.evidence"},
    ViewColumn{"product.vendor", "", of_its_vendor},
    ViewColumn{"product.product", "", of_its_vendor},
    ViewColumn{"product.revision", "", of_its_vendor},
    ViewColumn{"rule.rule_id", "", of_its_row},
    ViewColumn{"flow_verdict.confidence"},
    ViewColumn{"flow_verdict.ports"},
    ViewColumn{"flow_verdict.matched"},
    ViewColumn{"flow_verdict.control_flow", "control_flow_id"},
};

constexpr std::array dns_queries{
    ViewColumn{"dns_query.run_id"},          ViewColumn{"dns_query.time"},
    ViewColumn{"dns_query.client_ip"},       ViewColumn{"dns_query.resolver_ip"},
    ViewColumn{"dns_query.qname"},           ViewColumn{"dns_query.qtype"},
    ViewColumn{"dns_query.rcode"},           ViewColumn{"dns_query.answers"},
    ViewColumn{"dns_query.flow", "flow_id"}, ViewColumn{"dns_query.address_hints"},
    ViewColumn{"dns_query.sends"},           ViewColumn{"dns_query.extended_error"},
    ViewColumn{"dns_query.packet"},
};

constexpr std::array tls_hellos{
    ViewColumn{"tls_hello.run_id"},  ViewColumn{"tls_hello.flow", "flow_id"},
    ViewColumn{"tls_hello.carrier"}, ViewColumn{"tls_hello.sni"},
    ViewColumn{"tls_hello.alpn"},    ViewColumn{"tls_hello.version"},
    ViewColumn{"tls_hello.ech"},     ViewColumn{"tls_hello.ja4"},
    ViewColumn{"tls_hello.packet"},
};

constexpr std::array stun_transactions{
    ViewColumn{"stun_transaction.run_id"},         ViewColumn{"stun_transaction.flow", "flow_id"},
    ViewColumn{"stun_transaction.time"},           ViewColumn{"stun_transaction.method"},
    ViewColumn{"stun_transaction.outcome"},        ViewColumn{"stun_transaction.error_code"},
    ViewColumn{"stun_transaction.sends"},          ViewColumn{"stun_transaction.rtt_ms"},
    ViewColumn{"stun_transaction.realm"},          ViewColumn{"stun_transaction.software"},
    ViewColumn{"stun_transaction.mapped_address"}, ViewColumn{"stun_transaction.relayed_address"},
    ViewColumn{"stun_transaction.peer_address"},   ViewColumn{"stun_transaction.direction"},
    ViewColumn{"stun_transaction.error_reason"},   ViewColumn{"stun_transaction.packet"},
};

constexpr std::array rtp_streams{
    ViewColumn{"rtp_stream.run_id"},       ViewColumn{"rtp_stream.flow", "flow_id"},
    ViewColumn{"rtp_stream.direction"},    ViewColumn{"rtp_stream.ssrc"},
    ViewColumn{"rtp_stream.payload_type"}, ViewColumn{"rtp_stream.packets"},
    ViewColumn{"rtp_stream.lost"},         ViewColumn{"rtp_stream.jitter_ms"},
    ViewColumn{"rtp_stream.first_seen"},   ViewColumn{"rtp_stream.last_seen"},
};

// Items of the JSON list `e.value`. Not json_extract(): SQLite 3.40 does not trust it in the views
// of a database that may be anybody's.
constexpr std::array rtp_seconds{
    ViewColumn{"rtp_stream.run_id"},
    ViewColumn{"rtp_stream.flow", "flow_id"},
    ViewColumn{"rtp_stream.direction"},
    ViewColumn{"rtp_stream.ssrc", "", "of `rtp_streams`"},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 0)", "time",
               "when the interval begins", holds::time},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 1)", "seconds",
               "how long it is: 1, 2, 4 ...", holds::integer},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 2)", "packets", "that arrived",
               holds::integer},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 3)", "bytes",
               "of RTP, with its header", holds::integer},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 4)", "lost",
               "found missing; negative where late packets made good an earlier loss",
               holds::integer},
    ViewColumn{"(SELECT value FROM json_each(e.value) WHERE key = 5)", "jitter_ms",
               "at the end of the interval", holds::real, true},
};

constexpr std::array icmp_errors{
    ViewColumn{"icmp_error.run_id"},       ViewColumn{"icmp_error.flow", "flow_id"},
    ViewColumn{"icmp_error.time"},         ViewColumn{"icmp_error.source_ip"},
    ViewColumn{"icmp_error.icmp_version"}, ViewColumn{"icmp_error.type"},
    ViewColumn{"icmp_error.code"},         ViewColumn{"icmp_error.mtu"},
    ViewColumn{"icmp_error.packet"},
};

constexpr std::array flow_candidates{
    ViewColumn{"c.run_id", "run_id", "the run it belongs to", holds::integer},
    ViewColumn{"c.flow", "flow_id", "the flow, see `flows`", holds::number},
    ViewColumn{"c.rank", "rank", "1 is the one in `flows`", holds::integer},
    vendor,
    product,
    revision,
    ViewColumn{"rule.rule_id", "", "NULL: of the product, and of no row"},
    ViewColumn{"c.ports", "ports", "the requirement's port item", holds::text, true},
    ViewColumn{"c.confidence", "confidence", "how that was found",
               holds::word<verdict::Confidence>},
    ViewColumn{"c.matched", "matched", "what of the row fitted", holds::text},
};
// The texts of FlowVerdictRows by their widths, and the rows of layouts before 4.
constexpr std::string_view candidate_tables =
    R"sql((SELECT flow >> 32 AS run_id, flow, rank, product, rule,
            nullif(substr(rest, 1, instr(rest, char(9)) - 1), '') AS ports, confidence,
            substr(rest, instr(rest, char(9)) + 1) AS matched
            FROM (SELECT flow, rank, product, rule,
                substr(rest, 1, instr(rest, char(9)) - 1) AS confidence,
                substr(rest, instr(rest, char(9)) + 1) AS rest
                FROM (SELECT v.flow, CAST(substr(e.value, 1, 4) AS INTEGER) AS rank,
                    CAST(substr(e.value, 5, 19) AS INTEGER) AS product,
                    nullif(CAST(substr(e.value, 24, 19) AS INTEGER), 0) AS rule,
                    substr(e.value, 43) AS rest
                    FROM flow_verdict v, json_each(v.candidates) e))
        UNION ALL SELECT run_id, flow, rank, product, rule, ports, confidence, matched
            FROM flow_candidate) c
    JOIN product ON product.id = c.product LEFT JOIN rule ON rule.id = c.rule)sql";

constexpr std::array flow_events{
    ViewColumn{"e.run_id", "run_id", "the run it belongs to", holds::integer},
    ViewColumn{"e.flow", "flow_id", "the flow, see `flows`", holds::number},
    ViewColumn{"e.packet", "packet", "its number in the capture", holds::integer},
    ViewColumn{"e.time", "time", "when", holds::time},
    ViewColumn{"e.text", "text", "a clause", holds::text},
};
constexpr std::string_view event_tables =
    R"sql((SELECT v.flow >> 32 AS run_id, v.flow, CAST(e.value AS INTEGER) AS packet,
            CAST(substr(e.value, instr(e.value, ' ') + 1) AS INTEGER) AS time,
            substr(e.value, instr(e.value, ' ') + 18) AS text
            FROM flow_verdict v, json_each(v.story) e
        UNION ALL SELECT run_id, flow, packet, time, text FROM flow_event) e)sql";

constexpr std::array views{
    View{"headlines", "what a reader acts on: a product that was seen", headlines,
         "headline JOIN product ON product.id = headline.product"},
    View{"runs", "one analysis, or one stretch of a live run", runs, "run"},
    View{"products", "a product that the run considered", products,
         "product WHERE product.considered = 1"},
    View{"requirements", "one thing that a firewall must pass: a row, a transport and a port item",
         requirements, requirement_tables},
    View{"domains", "one pattern of names of a row", domains,
         "domain JOIN rule ON rule.id = domain.rule JOIN product ON product.id = rule.product"},
    View{"evidence", "a flow that a requirement's status rests on", evidence,
         "requirement_evidence JOIN requirement ON requirement.id = "
         "requirement_evidence.requirement JOIN rule ON rule.id = requirement.rule "
         "JOIN product ON product.id = rule.product "
         "JOIN flow ON flow.id = requirement_evidence.flow "
         "JOIN flow_verdict ON flow_verdict.flow = flow.id"},
    View{"dns_evidence", "a DNS query that a requirement's status rests on", dns_evidence,
         "requirement_evidence JOIN requirement ON requirement.id = "
         "requirement_evidence.requirement JOIN rule ON rule.id = requirement.rule "
         "JOIN product ON product.id = rule.product "
         "JOIN dns_query ON dns_query.id = requirement_evidence.dns_query"},
    View{"undocumented", "a vendor's flow that fits none of its rows", undocumented,
         "undocumented_flow JOIN product ON product.id = undocumented_flow.product "
         "JOIN flow ON flow.id = undocumented_flow.flow "
         "JOIN flow_verdict ON flow_verdict.flow = flow.id "
         "LEFT JOIN rule ON rule.id = undocumented_flow.nearest"},
    View{"alternatives", "a word about rows that replace each other", alternatives,
         "alternative JOIN product ON product.id = alternative.product"},
    View{"warnings", "a reason to doubt the run", warnings, "warning"},
    View{"decode_problems", "messages of a protocol that could not be read", decode_problems,
         "decode_problem"},
    View{"flows", "one conversation: both directions of a 5-tuple", flows,
         "flow LEFT JOIN flow_verdict ON flow_verdict.flow = flow.id "
         "LEFT JOIN product ON product.id = flow_verdict.product "
         "LEFT JOIN rule ON rule.id = flow_verdict.rule"},
    View{"dns_queries", "one query and what came of it", dns_queries, "dns_query"},
    View{"tls_hellos", "one ClientHello", tls_hellos, "tls_hello"},
    View{"stun_transactions", "one STUN or TURN transaction", stun_transactions,
         "stun_transaction"},
    View{"rtp_streams", "one RTP source in one direction", rtp_streams, "rtp_stream"},
    View{"rtp_seconds",
         "one interval of an RTP source; at most 240 a source: long ones have longer intervals",
         rtp_seconds, "rtp_stream, json_each(rtp_stream.seconds) e"},
    View{"icmp_errors", "one ICMP error about a flow", icmp_errors, "icmp_error"},
    View{"flow_candidates", "a row that a flow may belong to", flow_candidates, candidate_tables},
    View{"flow_events", "a landmark of a vendor's flow, as `--explain` tells it", flow_events,
         event_tables},
};

bool may_be_null(const ColumnInfo& column) noexcept {
    return column.type.find("NOT NULL") == std::string_view::npos &&
           column.type.find("PRIMARY KEY") == std::string_view::npos;
}

std::string text_of(const Holds& holds, bool null) {
    const std::string what = holds.words == nullptr
                                 ? std::string(holds.what)
                                 : fmt::format("`{}`", fmt::join(holds.words(), "`, `"));
    return null ? what + ", or NULL" : what;
}

const ColumnInfo& column_of(std::string_view source) {
    const auto dot = std::min(source.find('.'), source.size());
    static const std::vector<TableInfo> more = comparison_tables();
    for (const auto tables : {all_tables(), std::span<const TableInfo>(more)}) {
        for (const auto& table : tables) {
            const auto column =
                std::ranges::find(table.columns, source.substr(dot + 1), &ColumnInfo::name);
            if (table.name == source.substr(0, dot) && column != table.columns.end()) {
                return *column;
            }
        }
    }
    throw std::logic_error(fmt::format("no table has the column {}", source));
}

ShownColumn shown(const View& view, const ViewColumn& column) {
    if (column.holds.words != nullptr || !column.holds.what.empty()) {
        return {column.name,
                fmt::format(fmt::runtime(column.holds.shown), column.source),
                text_of(column.holds, column.null),
                column.meaning,
                {}};
    }
    const auto& info = column_of(column.source);
    const auto table = column.source.substr(0, column.source.find('.'));
    const bool joined_or_null =
        view.from.find(fmt::format("LEFT JOIN {} ", table)) != std::string_view::npos;
    return {column.name.empty() ? info.name : column.name,
            fmt::format(fmt::runtime(info.holds.shown), column.source),
            text_of(info.holds, joined_or_null || may_be_null(info)),
            column.meaning.empty() ? info.meaning : column.meaning, info.type};
}

}  // namespace

std::span<const View> all_views() noexcept {
    return views;
}

std::vector<ShownColumn> shown_columns(const View& view) {
    std::vector<ShownColumn> columns;
    for (const auto& column : view.columns) {
        columns.push_back(shown(view, column));
    }
    return columns;
}

std::string definition_of(const View& view) {
    std::string columns;
    for (const auto& column : shown_columns(view)) {
        fmt::format_to(std::back_inserter(columns), "{}\n    {} AS {}", columns.empty() ? "" : ",",
                       column.expression, column.name);
    }
    return fmt::format("{} AS SELECT{}\n    FROM {}", view.name, columns, view.from);
}

}  // namespace turnpike::store
