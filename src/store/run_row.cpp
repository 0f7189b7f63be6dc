// Writes the row of a run: when it begins, while it goes on, and when it ends.
#include "store/run_row.h"

#include "store/run_tables.h"

namespace turnpike::store {
namespace {

/// Brings some columns of a run's row to what the entry says.
template <typename... Gets, typename Entry>
void update_run(Database& database, std::int64_t run, const Columns<Gets...>& columns,
                const Entry& entry) {
    Statement statement(database, update(run_table, columns, run_key));
    typename Columns<Gets...>::Rooms rooms;
    columns.with_values(entry, rooms,
                        [&](const auto&... values) { statement.run(values..., run); });
}

}  // namespace

std::vector<TableInfo> run_tables() {
    TableInfo run{
        run_table,
        {{run_key, "INTEGER PRIMARY KEY AUTOINCREMENT", holds::integer, "from 1, in order"}}};
    const auto add = [&run](const auto& columns) {
        run.columns.insert(run.columns.end(), columns.info.begin(), columns.info.end());
    };
    add(run_start_columns);
    add(run_end_columns);
    add(run_quality_columns);
    add(run_count_columns);
    return {run, info_of(decode_problem_table)};
}

std::int64_t write_start(Database& database, const RunStart& start) {
    Statement insert(database, "INSERT " + into(run_table, run_start_columns));
    decltype(run_start_columns)::Rooms rooms;
    run_start_columns.with_values(start, rooms,
                                  [&](const auto&... values) { insert.run(values...); });
    return sqlite3_last_insert_rowid(database.handle());
}

void write_quality(Database& database, Batch& batch, std::int64_t run,
                   const facts::CaptureQuality& quality, KnownRows& problems) {
    update_run(database, run, run_quality_columns, quality);
    KnownTable rows(database, batch, run, decode_problem_table, problems);
    std::uint64_t number = 0;
    for (const auto& count : quality.problems) {
        rows.put_at(++number, ProblemEntry{count});
    }
    rows.remove_rest();
}

void write_counts(Database& database, std::int64_t run, const FlowCounts& counts,
                  const verdict::RunResult& result) {
    update_run(database, run, run_count_columns, RunCounts{counts, result});
}

void write_complete(Database& database, std::int64_t run, bool complete) {
    update_run(database, run, run_end_columns, complete);
}

}  // namespace turnpike::store
