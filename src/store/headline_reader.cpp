// What a report opens with: headlines, everything that was blocked, and what the traffic was.
#include <fmt/core.h>

#include "store/row_fields.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {
namespace {

using verdict::InconclusiveReason;
using verdict::Outcome;

std::uint64_t count_of(const Statement& query, int column) {
    return static_cast<std::uint64_t>(query.integer(column));
}

std::vector<NamedFlows> top(Database& database, std::string_view column, std::int64_t run,
                            std::size_t most) {
    Statement query(database,
                    fmt::format("SELECT {0}, count(*) AS flows, sum(outcome = '{1}'), "
                                "sum(outcome = '{2}') FROM flows WHERE run_id = ? AND "
                                "{0} <> '' GROUP BY {0} ORDER BY flows DESC, {0} LIMIT ?",
                                column, to_string(Outcome::passed), to_string(Outcome::blocked)));
    query.bind_all(run, most);
    std::vector<NamedFlows> rows;
    while (query.step()) {
        rows.push_back({std::string(query.text(0)), count_of(query, 1), count_of(query, 2),
                        count_of(query, 3)});
    }
    return rows;
}

}  // namespace

std::vector<HeadlineRow> Reader::headlines(std::int64_t run) {
    return rows_of<HeadlineRow>(*database_, "headlines", run, "ORDER BY rank");
}

bool Reader::knows_headlines() {
    return database_->integer("SELECT 1 FROM main.sqlite_schema WHERE name = 'headlines'")
        .has_value();
}

std::vector<BlockedGroup> Reader::blocked(std::int64_t run, std::optional<std::size_t> most) {
    // Columns beside min() are those of the row that has it (sqlite.org/lang_select.html, "Bare
    // columns in an aggregate query").
    Statement query(*database_,
                    "SELECT transport, server_port, block_reason, client_ip, count(*) AS flows, "
                    "min(flow_id) AS example, CASE WHEN server_name <> '' THEN server_name ELSE "
                    "server_ip END FROM flows WHERE run_id = ? AND outcome = ? "
                    "GROUP BY transport, server_port, block_reason, client_ip "
                    "ORDER BY flows DESC, example LIMIT ?");
    constexpr std::int64_t all = -1;  // sqlite.org/lang_select.html, "The LIMIT clause"
    query.bind_all(run, to_string(Outcome::blocked), most ? static_cast<std::int64_t>(*most) : all);
    std::vector<BlockedGroup> rows;
    while (query.step()) {
        const auto text = [&query](int column) { return std::string(query.text(column)); };
        rows.push_back({text(0), query.integer(1), text(2), text(3), count_of(query, 4),
                        query.integer(5), text(6)});
    }
    return rows;
}

std::vector<NamedFlows> Reader::top_names(std::int64_t run, std::size_t most) {
    return top(*database_, "server_name", run, most);
}

std::vector<NamedFlows> Reader::top_protocols(std::int64_t run, std::size_t most) {
    return top(*database_, "protocol", run, most);
}

std::vector<std::pair<RequirementName, std::uint64_t>> Reader::intermittent(std::int64_t run) {
    Statement query(*database_,
                    "SELECT vendor, product, revision, rule_id, transport, ports, count(*) "
                    "FROM flows WHERE run_id = ? AND inconclusive_reason = ? AND "
                    "rule_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6");
    query.bind_all(run, to_string(InconclusiveReason::intermittent));
    std::vector<std::pair<RequirementName, std::uint64_t>> rows;
    while (query.step()) {
        const auto text = [&query](int column) { return std::string(query.text(column)); };
        rows.emplace_back(RequirementName{{text(0), text(1), text(2)}, text(3), text(4), text(5)},
                          count_of(query, 6));
    }
    return rows;
}

bool Reader::any_flow_one_sided(std::int64_t run) {
    Statement query(*database_,
                    "SELECT 1 FROM flows WHERE run_id = ? AND inconclusive_reason = ? LIMIT 1");
    query.bind_all(run, to_string(InconclusiveReason::one_sided_capture));
    return query.step();
}

bool Reader::any_media_seconds(std::int64_t run) {
    Statement query(*database_, "SELECT 1 FROM rtp_seconds WHERE run_id = ? LIMIT 1");
    query.bind_all(run);
    return query.step();
}

}  // namespace turnpike::store
