// Writes the rows of a run that compares two captures.
#include <fmt/core.h>

#include "store/comparison_layout.h"
#include "store/comparison_tables.h"
#include "store/database.h"
#include "store/foreign_hands.h"
#include "store/json_list.h"
#include "store/row_key.h"
#include "store/row_table.h"

namespace turnpike::store {
namespace {

/// Each address that the client had outside and since when, if it had more than one.
void list_mappings(const facts::Crossing& crossing, JsonList& list) {
    list.clear();
    if (crossing.mappings.size() <= 1) {
        return;
    }
    for (const auto& mapping : crossing.mappings) {
        list.add(
            fmt::format("{} {}", base::format_iso8601(mapping.since), to_string(mapping.client)));
    }
}

void write_crossings(const RowTarget& target, const ComparedRun& compared) {
    RowTable rows(target, crossing_table);
    JsonList mappings;
    for (std::size_t i = 0; i < compared.comparison.crossings.size(); ++i) {
        const auto& crossing = compared.comparison.crossings[i];
        list_mappings(crossing, mappings);
        rows.put(CrossingEntry{row_key(compared.run, compared.observation.flows[i].id),
                               compared.run, compared.fates[i], crossing, mappings.text()});
    }
}

}  // namespace

std::vector<TableInfo> comparison_tables() {
    return {info_of(comparison_table), info_of(crossing_table)};
}

void write_comparison(const std::filesystem::path& path, const ComparedRun& compared) {
    Database database(path, Access::read_write);
    require_own_schema(database);
    Batch batch(database, Batch::whole);
    database.execute(comparison_tables_sql());
    for (const auto& view : comparison_views()) {
        database.execute("CREATE VIEW IF NOT EXISTS " + definition_of(view));
    }
    const RowTarget target(database, batch, Writing::append);
    RowTable(target, comparison_table).put(compared);
    write_crossings(target, compared);
    batch.commit();
}

}  // namespace turnpike::store
