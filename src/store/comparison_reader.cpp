#include <fmt/core.h>

#include "store/comparison_layout.h"
#include "store/database.h"
#include "store/foreign_hands.h"
#include "turnpike/store/comparison.h"

namespace turnpike::store {
namespace {

std::uint64_t count_of(const Statement& query, int column) {
    return static_cast<std::uint64_t>(query.integer(column));
}

Cell cell_of(const Statement& query, int column) {
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

/// Seven columns from `column` on.
WayRow way_of(const Statement& query, int column) {
    return {
        count_of(query, column),   count_of(query, column + 1),         count_of(query, column + 2),
        query.integer(column + 3), std::string(query.text(column + 4)), query.real(column + 5),
        query.real(column + 6)};
}

std::vector<CrossingRow> crossings_of(Database& database, std::int64_t run) {
    Statement query(
        database,
        "SELECT flow_id, fate, transport, client_ip, client_port, server_ip, server_port, "
        "mapped_ip, mapped_port, mappings, certificate_outside, "
        "packets_out_passed, packets_out_died, packets_out_made, first_died_out_packet, "
        "first_died_out_time, delay_out_ms, longest_delay_out_ms, "
        "packets_in_passed, packets_in_died, packets_in_made, first_died_in_packet, "
        "first_died_in_time, delay_in_ms, longest_delay_in_ms FROM crossings WHERE run_id = ? "
        "ORDER BY flow_id");
    query.bind_all(run);
    std::vector<CrossingRow> rows;
    while (query.step()) {
        const auto text = [&query](int column) { return std::string(query.text(column)); };
        auto& row = rows.emplace_back();
        row.flow_id = query.integer(0);
        row.fate = text(1);
        row.transport = text(2);
        row.client_ip = text(3);
        row.client_port = query.integer(4);
        row.server_ip = text(5);
        row.server_port = query.integer(6);
        row.mapped_ip = text(7);
        row.mapped_port = query.integer(8);
        row.mappings = text(9);
        row.certificate_outside = text(10);
        row.out = way_of(query, 11);
        row.in = way_of(query, 18);
    }
    return rows;
}

/// The views of this program's own text over what the file holds, which may be somebody else's work
/// (store/foreign_hands.h); false if it holds no comparison.
bool see_comparisons(Database& database) {
    require_own_schema(database);
    const auto tables = database.integer(
        "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name IN ('comparison', "
        "'crossing')");
    if (tables != 2) {
        return false;
    }
    database.execute("PRAGMA temp_store = MEMORY");
    for (const auto& view : comparison_views()) {
        if (!database.try_execute("CREATE TEMP VIEW " + view)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<StoredComparison> read_comparison(const Reader& reader, std::int64_t run) {
    Database database(reader.path(), Access::read_only);
    if (!see_comparisons(database)) {
        return std::nullopt;
    }
    Statement query(database,
                    "SELECT inside, outside, clock_offset_ms, clock_uncertainty_ms, drift_ppm, "
                    "pairs, flows_joined, flows_only_inside, flows_only_outside FROM comparisons "
                    "WHERE run_id = ?");
    query.bind_all(run);
    if (!query.step()) {
        return std::nullopt;
    }
    return StoredComparison{{std::string(query.text(0)), std::string(query.text(1)), query.real(2),
                             query.real(3), query.real(4), count_of(query, 5), count_of(query, 6),
                             count_of(query, 7), count_of(query, 8)},
                            crossings_of(database, run)};
}

void each_compared_row(const Reader& reader, std::string_view view, std::int64_t run,
                       const std::function<void(const std::vector<std::string>& columns,
                                                std::span<const Cell> cells)>& row) {
    Database database(reader.path(), Access::read_only);
    if (!see_comparisons(database)) {
        return;
    }
    Statement query(database, fmt::format("SELECT * FROM {} WHERE run_id = ?", view));
    query.bind_all(run);
    std::vector<std::string> columns;
    for (int column = 0; column < query.columns(); ++column) {
        columns.emplace_back(query.name(column));
    }
    std::vector<Cell> cells(columns.size());
    while (query.step()) {
        for (int column = 0; column < query.columns(); ++column) {
            cells[static_cast<std::size_t>(column)] = cell_of(query, column);
        }
        row(columns, cells);
    }
}

}  // namespace turnpike::store
