#include "store/older_layout.h"

#include <fmt/core.h>

#include "store/schema.h"

namespace turnpike::store {
namespace {

// Asked of SQLite, not of the file's header: the truth may stand in the log.
std::int64_t layout_of(Database& database) {
    return database.integer("PRAGMA user_version").value_or(0);
}

bool up_to_date(Database& database) {
    return layout_of(database) == layout_version;
}

// What each layout added to the one before.
void add_layout_2(Database& database) {
    database.execute("ALTER TABLE run ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0");
    database.execute(std::string(flow_event_sql()));
}

void add_layout_3(Database& database) {
    database.execute(
        "ALTER TABLE run ADD COLUMN answered INTEGER NOT NULL DEFAULT 1;"
        "ALTER TABLE domain ADD COLUMN notes TEXT;"
        "ALTER TABLE flow_verdict ADD COLUMN control_flow INTEGER");
}

void add_layout_4(Database& database) {
    database.execute(
        "ALTER TABLE flow_verdict ADD COLUMN candidates TEXT;"
        "ALTER TABLE flow_verdict ADD COLUMN story TEXT");
    database.execute(std::string(headline_sql()));
}

void add_layout_5(Database& database) {
    database.execute("ALTER TABLE rtp_stream ADD COLUMN seconds TEXT");
}

void see_layout_2_as_3(Database& database, std::int64_t layout) {
    database.execute(
        fmt::format("CREATE TEMP VIEW runs AS SELECT *, 1 AS answered{} FROM main.runs;"
                    "CREATE TEMP VIEW domains AS SELECT *, NULL AS notes FROM main.domains;"
                    "CREATE TEMP VIEW evidence AS SELECT *, NULL AS control_flow_id "
                    "FROM main.evidence;"
                    "CREATE TEMP VIEW flows AS SELECT *, NULL AS control_flow_id FROM main.flows",
                    layout < 2 ? ", 0 AS bytes_unseen" : ""));
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
    for (const auto view : view_names()) {
        database.execute(fmt::format("DROP VIEW IF EXISTS {}", view));
    }
    if (layout < 2) {
        add_layout_2(database);
    }
    if (layout < 3) {
        add_layout_3(database);
    }
    if (layout < 4) {
        add_layout_4(database);
    }
    add_layout_5(database);
    database.execute(views_sql());
    transaction.commit();
}

void see_as_current(Database& database) {
    const auto layout = layout_of(database);
    if (layout == layout_version) {
        return;
    }
    // Names are looked up among temporary views first (sqlite.org/lang_naming.html).
    database.execute(
        "PRAGMA temp_store = MEMORY;"
        "CREATE TEMP VIEW rtp_seconds AS SELECT 0 AS run_id, 0 AS flow_id, '' AS direction, "
        "'' AS ssrc, '' AS time, 0 AS seconds, 0 AS packets, 0 AS bytes, 0 AS lost, "
        "0.0 AS jitter_ms WHERE 0");
    if (layout < 4) {
        database.execute(
            "CREATE TEMP VIEW headlines AS SELECT 0 AS run_id, 0 AS rank, '' AS vendor, "
            "'' AS product, '' AS state, '' AS headline, '' AS advice, '' AS revision WHERE 0");
    }
    if (layout < 3) {
        see_layout_2_as_3(database, layout);
    }
    if (!database.integer("SELECT 1 FROM main.sqlite_schema WHERE name = 'flow_events'")) {
        database.execute(
            "CREATE TEMP VIEW flow_events AS SELECT 0 AS run_id, 0 AS flow_id, 0 AS packet, "
            "'' AS time, '' AS text WHERE 0");
    }
}

}  // namespace turnpike::store
