// Verdicts as rows: products, rules, requirements, domains, flow verdicts, evidence and warnings.
#pragma once

#include <cstdint>

#include "store/database.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// Appends the whole result to the run, whose facts must be there already.
void write_verdict_rows(Database& database, std::int64_t run, const facts::Observation& observation,
                        const verdict::RunResult& result);

}  // namespace turnpike::store
