// Puts all tables and views together, and writes the SQL that makes them.
#include "store/schema.h"

#include <fmt/core.h>

#include <iterator>
#include <vector>

#include "store/fact_rows.h"
#include "store/run_row.h"
#include "store/verdict_rows.h"
#include "store/views.h"

namespace turnpike::store {
namespace {

// Of runs before layout 4; their rows now stand in flow_verdict.candidates and flow_verdict.story.
std::vector<TableInfo> tables_of_the_past() {
    using namespace holds;
    return {{"flow_candidate",
             {id_column.info,
              run_column.info,
              flow_column.info,
              {"rank", "INTEGER NOT NULL", integer, "1 is the best"},
              {"product", "INTEGER NOT NULL REFERENCES product", integer, "whose row"},
              {"rule", "INTEGER REFERENCES rule", integer, "which row"},
              {"ports", "TEXT", text, "which port item"},
              {"confidence", "TEXT NOT NULL", text, "how that was found"},
              {"matched", "TEXT NOT NULL", text, "what of the row fitted"}}},
            {"flow_event",
             {id_column.info,
              run_column.info,
              flow_column.info,
              {"packet", "INTEGER NOT NULL", integer, "its number in the capture"},
              {"time", "INTEGER NOT NULL", time, "when"},
              {"text", "TEXT NOT NULL", text, "a clause"}}}};
}

std::vector<TableInfo> make_tables() {
    std::vector<TableInfo> tables = run_tables();
    for (const auto& more : {fact_tables(), verdict_tables(), tables_of_the_past()}) {
        tables.insert(tables.end(), more.begin(), more.end());
    }
    return tables;
}

}  // namespace

std::span<const TableInfo> all_tables() {
    static const std::vector<TableInfo> tables = make_tables();
    return tables;
}

// STRICT: a value of the wrong type is refused, not converted.
std::string creation_of(const TableInfo& table) {
    std::string parts;
    for (const auto& column : table.columns) {
        fmt::format_to(std::back_inserter(parts), "{}\n    {} {}", parts.empty() ? "" : ",",
                       column.name, column.type);
    }
    if (!table.constraint.empty()) {
        fmt::format_to(std::back_inserter(parts), ",\n    {}", table.constraint);
    }
    return fmt::format("CREATE TABLE IF NOT EXISTS {}({}\n) STRICT;\n", table.name, parts);
}

std::string schema_sql() {
    std::string sql;
    for (const auto& table : all_tables()) {
        sql += creation_of(table);
    }
    return sql + views_sql();
}

std::string views_sql() {
    std::string sql;
    for (const auto& view : all_views()) {
        sql += fmt::format("CREATE VIEW {};\n", definition_of(view));
    }
    return sql + fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};",
                             application_id, layout_version);
}

}  // namespace turnpike::store
