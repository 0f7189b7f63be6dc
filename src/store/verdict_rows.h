// Verdicts as rows: flow verdicts, requirements with their evidence, domains and remarks.
#pragma once

#include <cstdint>
#include <vector>

#include "store/batch.h"
#include "store/catalog_rows.h"
#include "store/columns.h"
#include "store/database.h"
#include "store/written_rows.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// The tables that verdicts stand in, and what of the catalog they speak of.
std::vector<TableInfo> verdict_tables();

/// Appends a whole result to the run, whose facts must be there already, in two steps.
class RunVerdicts {
  public:
    /// All must outlive it. `fresh`: the database was made for this run.
    RunVerdicts(Database& database, std::int64_t run, const facts::Observation& observation,
                const verdict::RunResult& result, bool fresh);

    /// RunResult::flows, and what they speak of.
    void write_flows();
    /// All that sums them up.
    void write_summary();

  private:
    Database& database_;
    std::int64_t run_;
    const facts::Observation& observation_;
    const verdict::RunResult& result_;
    bool fresh_;
    Batch batch_;
    WrittenRows written_;
    CatalogRows catalog_;
};

/// Brings the run's verdicts to what the result says: those on the flows that are named, and all
/// that sums them up. `written` is what the run has, and is brought up to date with it.
void update_verdict_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes,
                         WrittenRows& written);

}  // namespace turnpike::store
