#include "store/older_layout.h"

#include <fmt/core.h>

#include "store/schema.h"

namespace turnpike::store {
namespace {

// Asked of SQLite, not of the file's header: the truth may stand in the log.
bool up_to_date(Database& database) {
    return database.integer("PRAGMA user_version") == layout_version;
}

}  // namespace

void bring_up_to_date(Database& database) {
    if (up_to_date(database)) {
        return;
    }
    Transaction transaction(database);
    if (up_to_date(database)) {
        return;  // another program was faster
    }
    for (const auto view : view_names()) {
        database.execute(fmt::format("DROP VIEW IF EXISTS {}", view));
    }
    database.execute("ALTER TABLE run ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0");
    database.execute(std::string(flow_event_sql()));
    database.execute(views_sql());
    transaction.commit();
}

void see_as_current(Database& database) {
    if (up_to_date(database)) {
        return;
    }
    // Names are looked up among temporary views first (sqlite.org/lang_naming.html).
    database.execute(
        "PRAGMA temp_store = MEMORY;"
        "CREATE TEMP VIEW runs AS SELECT *, 0 AS bytes_unseen FROM main.runs");
    if (!database.integer("SELECT 1 FROM main.sqlite_schema WHERE name = 'flow_events'")) {
        database.execute(
            "CREATE TEMP VIEW flow_events AS SELECT 0 AS run_id, 0 AS flow_id, 0 AS packet, "
            "'' AS time, '' AS text WHERE 0");
    }
}

}  // namespace turnpike::store
