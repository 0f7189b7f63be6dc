// Limits SQLite, and refuses a database whose schema is not exactly ours.
#include "store/foreign_hands.h"

#include <fmt/core.h>

#include <array>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "store/schema.h"
#include "store/views.h"
#include "turnpike/base/printable.h"

namespace turnpike::store {
namespace {

using base::Error;
using base::ExitStatus;

struct Limit {
    int what;
    int most;
};
// Well above what turnpike needs (sqlite.org/limits.html).
constexpr std::array limits{
    Limit{SQLITE_LIMIT_LENGTH, 64 << 20},
    Limit{SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    Limit{SQLITE_LIMIT_COLUMN, 256},
    Limit{SQLITE_LIMIT_EXPR_DEPTH, 200},
    Limit{SQLITE_LIMIT_COMPOUND_SELECT, 50},
    Limit{SQLITE_LIMIT_VDBE_OP, 100'000},
    Limit{SQLITE_LIMIT_FUNCTION_ARG, 64},
    Limit{SQLITE_LIMIT_ATTACHED, 0},
    Limit{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
    Limit{SQLITE_LIMIT_VARIABLE_NUMBER, 256},
    Limit{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    Limit{SQLITE_LIMIT_WORKER_THREADS, 0},
};

/// A table's column, as `PRAGMA table_xinfo` tells it.
using ColumnShape = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>;

[[noreturn]] void refuse(const Database& database, const std::string& why) {
    throw Error(ExitStatus::bad_input,
                fmt::format("{}: {}, which turnpike never writes; it was left as it is, give "
                            "another file",
                            name_of(database.path()), why));
}

std::set<ColumnShape> shapes_of(Database& database, std::string_view table) {
    Statement query(database,
                    "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?)");
    query.bind_all(table);
    std::set<ColumnShape> columns;
    while (query.step()) {
        columns.emplace(query.text(0), query.text(1), query.integer(2), query.integer(3),
                        query.integer(4));
    }
    return columns;
}

std::set<std::string> names_of(Database& database, std::string_view type) {
    Statement query(database,
                    "SELECT name FROM main.sqlite_schema WHERE type = ? AND name NOT LIKE "
                    "'sqlite\\_%' ESCAPE '\\' AND (type <> 'table' OR rootpage > 0)");
    query.bind_all(type);
    std::set<std::string> names;
    while (query.step()) {
        names.emplace(query.text(0));
    }
    return names;
}

// What runs code of its own when a table is read or written.
void refuse_what_acts(Database& database) {
    if (const auto count = database.integer("SELECT count(*) FROM main.sqlite_schema "
                                            "WHERE type = 'trigger'");
        count.value_or(0) != 0) {
        refuse(database, "it holds triggers");
    }
    if (const auto count = database.integer("SELECT count(*) FROM main.sqlite_schema "
                                            "WHERE type = 'table' AND rootpage = 0");
        count.value_or(0) != 0) {
        refuse(database, "it holds virtual tables");
    }
}

void require_tables(Database& database, Database& model) {
    const auto tables = names_of(database, "table");
    for (const auto& table : names_of(model, "table")) {
        if (!tables.contains(table)) {
            refuse(database, fmt::format("it lacks the table {}", table));
        }
        if (shapes_of(database, table) != shapes_of(model, table)) {
            refuse(database, fmt::format("the table {} has other columns", table));
        }
    }
}

// An index may hold an expression, and what it holds is believed instead of the table.
void require_indexes(Database& database, Database& model) {
    const auto known = names_of(model, "index");
    const auto tables = names_of(model, "table");
    Statement query(database,
                    "SELECT name, tbl_name FROM main.sqlite_schema WHERE type = 'index' AND sql IS "
                    "NOT NULL");
    while (query.step()) {
        const std::string name(query.text(0));
        if (tables.contains(std::string(query.text(1))) && !known.contains(name)) {
            refuse(database, fmt::format("it holds the index {}", base::from_catalog(name)));
        }
    }
}

}  // namespace

void defend(Database& database) {
    sqlite3* const handle = database.handle();
    for (const auto& [option, value] :
         {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
          std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
          std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
          std::pair{SQLITE_DBCONFIG_DQS_DDL, 0}, std::pair{SQLITE_DBCONFIG_DQS_DML, 0}}) {
        sqlite3_db_config(handle, option, value, nullptr);
    }
    for (const auto& limit : limits) {
        sqlite3_limit(handle, limit.what, limit.most);
    }
}

void require_own_schema(Database& database) {
    refuse_what_acts(database);
    if (database.integer("PRAGMA user_version") != layout_version) {
        return;
    }
    Database model(":memory:", Access::create);
    model.execute(schema_sql());
    require_tables(database, model);
    require_indexes(database, model);
}

void use_own_views(Database& database) {
    if (database.integer("PRAGMA user_version") != layout_version) {
        return;
    }
    // Names are looked up among temporary views first (sqlite.org/lang_naming.html).
    database.execute("PRAGMA temp_store = MEMORY");
    for (const auto& view : all_views()) {
        database.execute("CREATE TEMP VIEW " + definition_of(view));
    }
}

}  // namespace turnpike::store
