// Reads what a run says about two captures, if it is such a run.
#include <fmt/core.h>

#include <utility>

#include "store/comparison_layout.h"
#include "store/database.h"
#include "store/foreign_hands.h"
#include "store/row_fields.h"
#include "turnpike/store/comparison.h"

namespace turnpike::store {
namespace {

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
        if (!database.try_execute(("CREATE TEMP VIEW " + definition_of(view)).c_str())) {
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
    auto comparisons = rows_of<ComparisonRow>(database, "comparisons", run);
    if (comparisons.empty()) {
        return std::nullopt;
    }
    return StoredComparison{std::move(comparisons.front()),
                            rows_of<CrossingRow>(database, "crossings", run, "ORDER BY flow_id")};
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
