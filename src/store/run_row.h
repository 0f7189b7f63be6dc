// The row of a run: its figures, brought up to date in place.
#pragma once

#include <cstdint>

#include "store/batch.h"
#include "store/database.h"
#include "store/known_rows.h"
#include "turnpike/verdict/result.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"

namespace turnpike::store {

/// How far the capture can be trusted, with the messages that could not be decoded.
void write_quality(Database& database, Batch& batch, std::int64_t run,
                   const facts::CaptureQuality& quality, KnownRows& problems);
/// How many flows there were.
void write_counts(Database& database, std::int64_t run, const FlowCounts& counts,
                  const verdict::RunResult& result);
void write_complete(Database& database, std::int64_t run, bool complete);

}  // namespace turnpike::store
