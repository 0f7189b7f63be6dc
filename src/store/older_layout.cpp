// Adds what an older layout lacks, or shows it through views as if it were there.
#include "store/older_layout.h"

#include <fmt/core.h>

#include <functional>
#include <set>
#include <string>

#include "store/schema.h"
#include "store/views.h"

namespace turnpike::store {
namespace {

// Asked of SQLite, not of the file's header: the truth may stand in the log.
std::int64_t layout_of(Database& database) {
    return database.integer("PRAGMA user_version").value_or(0);
}

bool up_to_date(Database& database) {
    return layout_of(database) == layout_version;
}

std::set<std::string, std::less<>> column_names_of(Database& database, std::string_view table) {
    Statement query(database, "SELECT name FROM pragma_table_info(?, 'main')");
    query.bind_all(table);
    std::set<std::string, std::less<>> names;
    while (query.step()) {
        names.emplace(query.text(0));
    }
    return names;
}

/// Makes the table, or adds the columns that it lacks. A later layout only ever adds.
void complete(Database& database, const TableInfo& table) {
    const auto known = column_names_of(database, table.name);
    if (known.empty()) {
        database.execute(creation_of(table));
        return;
    }
    for (const auto& column : table.columns) {
        if (!known.contains(column.name)) {
            database.execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", table.name, column.name,
                                         column.type));
        }
    }
}

/// What stands for a value that nobody stored: the default of the column in its table.
std::string_view missing_value(const ShownColumn& column) {
    constexpr std::string_view clause = "DEFAULT ";
    const auto at = column.type.find(clause);
    return at == std::string_view::npos ? "NULL" : column.type.substr(at + clause.size());
}

/// A temporary view with all columns of this program's, over the one that the file has.
void see_as_current(Database& database, const View& view) {
    const auto known = column_names_of(database, view.name);
    std::string columns;
    bool complete = true;
    for (const auto& column : shown_columns(view)) {
        const bool there = known.contains(column.name);
        complete = complete && there;
        columns += columns.empty() ? "" : ", ";
        columns += there ? std::string(column.name)
                         : fmt::format("{} AS {}", missing_value(column), column.name);
    }
    if (known.empty()) {
        database.execute(
            fmt::format("CREATE TEMP VIEW {} AS SELECT {} WHERE 0", view.name, columns));
    } else if (!complete) {
        database.execute(
            fmt::format("CREATE TEMP VIEW {0} AS SELECT {1} FROM main.{0}", view.name, columns));
    }
}

}  // namespace

void bring_up_to_date(Database& database) {
    if (up_to_date(database)) {
        return;
    }
    Transaction transaction(database);
    const auto layout = layout_of(database);
    if (layout == layout_version) {
        return;  // another program was faster
    }
    for (const auto& view : all_views()) {
        database.execute(fmt::format("DROP VIEW IF EXISTS {}", view.name));
    }
    for (const auto& table : all_tables()) {
        complete(database, table);
    }
    database.execute(views_sql());
    transaction.commit();
}

void see_as_current(Database& database) {
    if (up_to_date(database)) {
        return;
    }
    // Names are looked up among temporary views first (sqlite.org/lang_naming.html).
    database.execute("PRAGMA temp_store = MEMORY");
    for (const auto& view : all_views()) {
        see_as_current(database, view);
    }
}

}  // namespace turnpike::store
