// Rows of views as typed fields, each by the name of its column.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "turnpike/store/comparison.h"
#include "turnpike/store/reader.h"

namespace turnpike::store {

// each_field calls `visit(column, field)` for all fields of a row; a field that is a row itself
// stands for its own fields.

template <typename Visit>
void each_field(ProductName& row, Visit&& visit) {
    visit("vendor", row.vendor);
    visit("product", row.product);
    visit("revision", row.revision);
}

template <typename Visit>
void each_field(RequirementName& row, Visit&& visit) {
    each_field(row.product, visit);
    visit("rule_id", row.rule_id);
    visit("transport", row.transport);
    visit("ports", row.ports);
}

template <typename Visit>
void each_field(RunRow& row, Visit&& visit) {
    visit("run_id", row.run_id);
    visit("started_at", row.started_at);
    visit("source", row.source);
    visit("first_packet", row.first_packet);
    visit("last_packet", row.last_packet);
    visit("packets", row.packets);
    visit("bytes", row.bytes);
    visit("packets_dropped", row.packets_dropped);
    visit("packets_malformed", row.packets_malformed);
    visit("packets_duplicate", row.packets_duplicate);
    visit("complete", row.complete);
    visit("turnpike_version", row.turnpike_version);
    visit("selectors", row.selectors);
    visit("packets_cut", row.packets_cut);
    visit("packets_ip", row.packets_ip);
    visit("packets_non_ip", row.packets_non_ip);
    visit("packets_fragments", row.packets_fragments);
    visit("backward_steps", row.backward_steps);
    visit("cut_off", row.cut_off);
    visit("one_sided", row.one_sided);
    visit("answered", row.answered);
    visit("copying", row.copying);
    visit("flows", row.flows);
    visit("flows_passed", row.flows_passed);
    visit("flows_blocked", row.flows_blocked);
    visit("flows_inconclusive", row.flows_inconclusive);
    visit("bytes_unseen", row.bytes_unseen);
}

template <typename Visit>
void each_field(ProductRow& row, Visit&& visit) {
    each_field(row.name, visit);
    visit("vendor_name", row.vendor_name);
    visit("product_name", row.product_name);
    visit("source_title", row.source_title);
    visit("source_location", row.source_location);
    visit("allow_listable", row.allow_listable);
    visit("use_instead", row.use_instead);
}

template <typename Visit>
void each_field(RequirementRow& row, Visit&& visit) {
    each_field(row.name, visit);
    visit("purpose", row.purpose);
    visit("level", row.level);
    visit("destination", row.destination);
    visit("status", row.status);
    visit("block_reason", row.block_reason);
    visit("stage", row.stage);
    visit("grade", row.grade);
    visit("flows_passed", row.flows_passed);
    visit("flows_blocked", row.flows_blocked);
    visit("flows_inconclusive", row.flows_inconclusive);
    visit("first_seen", row.first_seen);
    visit("last_seen", row.last_seen);
    visit("inconclusive_reason", row.inconclusive_reason);
    visit("condition", row.condition);
    visit("direction", row.direction);
    visit("duplex", row.duplex);
    visit("alternative_group", row.alternative_group);
    visit("alternative_branch", row.alternative_branch);
    visit("preference", row.preference);
    visit("notes", row.notes);
}

template <typename Visit>
void each_field(DomainRow& row, Visit&& visit) {
    each_field(row.product, visit);
    visit("rule_id", row.rule_id);
    visit("pattern", row.pattern);
    visit("status", row.status);
    visit("block_reason", row.block_reason);
    visit("names_seen", row.names_seen);
}

template <typename Visit>
void each_field(EvidenceRow& row, Visit&& visit) {
    each_field(row.requirement, visit);
    visit("flow_id", row.flow_id);
    visit("client_ip", row.client_ip);
    visit("client_port", row.client_port);
    visit("server_ip", row.server_ip);
    visit("server_port", row.server_port);
    visit("protocol", row.protocol);
    visit("server_name", row.server_name);
    visit("first_seen", row.first_seen);
    visit("last_seen", row.last_seen);
    visit("outcome", row.outcome);
    visit("block_reason", row.block_reason);
    visit("stage", row.stage);
    visit("grade", row.grade);
    visit("inconclusive_reason", row.inconclusive_reason);
    visit("confidence", row.confidence);
    visit("notes", row.notes);
    visit("evidence", row.evidence);
    visit("control_flow_id", row.control_flow_id);
}

template <typename Visit>
void each_field(DnsEvidenceRow& row, Visit&& visit) {
    each_field(row.requirement, visit);
    visit("client_ip", row.client_ip);
    visit("resolver_ip", row.resolver_ip);
    visit("qname", row.qname);
    visit("qtype", row.qtype);
    visit("rcode", row.rcode);
    visit("answers", row.answers);
    visit("time", row.time);
    visit("sends", row.sends);
    visit("packet", row.packet);
}

template <typename Visit>
void each_field(UndocumentedRow& row, Visit&& visit) {
    each_field(row.product, visit);
    visit("what", row.what);
    visit("detail", row.detail);
    visit("nearest_rule_id", row.nearest_rule_id);
    visit("flow_id", row.flow_id);
    visit("outcome", row.outcome);
    visit("block_reason", row.block_reason);
    visit("evidence", row.evidence);
}

template <typename Visit>
void each_field(AlternativeRow& row, Visit&& visit) {
    each_field(row.product, visit);
    visit("alternative_group", row.alternative_group);
    visit("text", row.text);
}

template <typename Visit>
void each_field(DecodeProblemRow& row, Visit&& visit) {
    visit("protocol", row.protocol);
    visit("reason", row.reason);
    visit("count", row.count);
}

template <typename Visit>
void each_field(HeadlineRow& row, Visit&& visit) {
    visit("rank", row.rank);
    each_field(row.product, visit);
    visit("state", row.state);
    visit("headline", row.headline);
    visit("advice", row.advice);
}

template <typename Visit>
void each_field(ComparisonRow& row, Visit&& visit) {
    visit("inside", row.inside);
    visit("outside", row.outside);
    visit("clock_offset_ms", row.clock_offset_ms);
    visit("clock_uncertainty_ms", row.clock_uncertainty_ms);
    visit("drift_ppm", row.drift_ppm);
    visit("pairs", row.pairs);
    visit("flows_joined", row.flows_joined);
    visit("flows_only_inside", row.flows_only_inside);
    visit("flows_only_outside", row.flows_only_outside);
}

template <typename Visit>
void each_field(CrossingRow& row, Visit&& visit) {
    visit("flow_id", row.flow_id);
    visit("fate", row.fate);
    visit("transport", row.transport);
    visit("client_ip", row.client_ip);
    visit("client_port", row.client_port);
    visit("server_ip", row.server_ip);
    visit("server_port", row.server_port);
    visit("mapped_ip", row.mapped_ip);
    visit("mapped_port", row.mapped_port);
    visit("mappings", row.mappings);
    visit("certificate_outside", row.certificate_outside);
    visit("packets_out_passed", row.out.passed);
    visit("packets_out_died", row.out.died);
    visit("packets_out_made", row.out.made);
    visit("first_died_out_packet", row.out.first_died);
    visit("first_died_out_time", row.out.first_died_time);
    visit("delay_out_ms", row.out.delay_ms);
    visit("longest_delay_out_ms", row.out.longest_delay_ms);
    visit("packets_in_passed", row.in.passed);
    visit("packets_in_died", row.in.died);
    visit("packets_in_made", row.in.made);
    visit("first_died_in_packet", row.in.first_died);
    visit("first_died_in_time", row.in.first_died_time);
    visit("delay_in_ms", row.in.delay_ms);
    visit("longest_delay_in_ms", row.in.longest_delay_ms);
}

/// Reads the columns of the statement's row, from the first on.
class FieldReader {
  public:
    explicit FieldReader(const Statement& statement) noexcept : statement_(statement) {}

    void operator()(std::string_view /*column*/, std::string& field) {
        field = statement_.text(column_++);
    }
    void operator()(std::string_view /*column*/, bool& field) {
        field = statement_.integer(column_++) != 0;
    }
    void operator()(std::string_view /*column*/, double& field) {
        field = statement_.real(column_++);
    }
    void operator()(std::string_view /*column*/, std::int64_t& field) {
        field = statement_.integer(column_++);
    }
    void operator()(std::string_view /*column*/, std::uint64_t& field) {
        field = static_cast<std::uint64_t>(statement_.integer(column_++));
    }

  private:
    const Statement& statement_;
    int column_ = 0;
};

/// The value of a column, as SQLite has it; text is valid until the next step.
inline Cell cell_of(const Statement& query, int column) {
    switch (query.type(column)) {
        case SQLITE_INTEGER:
            return query.integer(column);
        case SQLITE_FLOAT:
            return query.real(column);
        case SQLITE_NULL:
            return std::monostate{};
        default:
            return query.text(column);
    }
}

/// "vendor, product, revision, ...": the columns of a kind of row, as `FieldReader` reads them.
template <typename Row>
std::string column_list() {
    std::string list;
    Row row;
    each_field(row, [&list](std::string_view column, auto& /*field*/) {
        fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ", ", column);
    });
    return list;
}

/// The rows of a view that belong to the run; `order` is an ORDER BY clause.
template <typename Row>
std::vector<Row> rows_of(Database& database, std::string_view view, std::int64_t run,
                         std::string_view order = {}) {
    Statement query(database, fmt::format("SELECT {} FROM {} WHERE run_id = ? {}",
                                          column_list<Row>(), view, order));
    query.bind_all(run);
    std::vector<Row> rows;
    while (query.step()) {
        each_field(rows.emplace_back(), FieldReader(query));
    }
    return rows;
}

}  // namespace turnpike::store
