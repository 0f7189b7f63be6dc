// Facts as rows: flows, DNS queries, hellos, STUN transactions, RTP streams, ICMP errors.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "store/batch.h"
#include "store/columns.h"
#include "store/database.h"
#include "store/row_table.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"

namespace turnpike::store {

/// The tables that facts stand in.
std::vector<TableInfo> fact_tables();

/// The file as pages for all facts, unless it has some already or they have to be statements.
std::unique_ptr<PageFile> open_for_facts(Database& database);

/// Appends every fact of the observation to the run.
void write_fact_rows(const RowTarget& target, std::int64_t run,
                     const facts::Observation& observation);

/// Writes the facts that the indexes name over what the run has of them.
void update_fact_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes);

}  // namespace turnpike::store
