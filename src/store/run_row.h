// The row of a run: its figures, brought up to date in place.
#pragma once

#include <cstdint>
#include <vector>

#include "store/batch.h"
#include "store/columns.h"
#include "store/database.h"
#include "store/known_rows.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// The tables of this and of what could not be decoded.
std::vector<TableInfo> run_tables();
/// Makes the row of a run, and returns its run_id.
std::int64_t write_start(Database& database, const RunStart& start);
/// How far the capture can be trusted, with the messages that could not be decoded.
void write_quality(Database& database, Batch& batch, std::int64_t run,
                   const facts::CaptureQuality& quality, KnownRows& problems);
/// How many flows there were.
void write_counts(Database& database, std::int64_t run, const FlowCounts& counts,
                  const verdict::RunResult& result);
void write_complete(Database& database, std::int64_t run, bool complete);

}  // namespace turnpike::store
