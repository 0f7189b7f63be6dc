// Facts as rows: flows, DNS queries, hellos, STUN transactions, RTP streams, ICMP errors.
#pragma once

#include <cstdint>

#include "store/database.h"
#include "turnpike/facts/facts.h"

namespace turnpike::store {

/// Appends every fact of the observation to the run.
void write_fact_rows(Database& database, std::int64_t run, const facts::Observation& observation);

}  // namespace turnpike::store
