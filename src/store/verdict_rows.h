// Verdicts as rows: flow verdicts, requirements with their evidence, domains and remarks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/batch.h"
#include "store/catalog_rows.h"
#include "store/columns.h"
#include "store/database.h"
#include "store/flow_verdict_rows.h"
#include "store/page_file.h"
#include "store/row_parts.h"
#include "store/written_rows.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/verdict/result.h"
#include "turnpike/verdict/story.h"

namespace turnpike::store {

/// The tables that verdicts stand in, and what of the catalog they speak of.
std::vector<TableInfo> verdict_tables();

/// Appends a whole result to the run, whose facts must be there already, in steps.
class RunVerdicts {
  public:
    /// All must outlive it. `fresh`: the database was made for this run.
    RunVerdicts(Database& database, std::int64_t run, const facts::Observation& observation,
                const verdict::RunResult& result, bool fresh);

    /// RunResult::flows, and what they speak of.
    void write_flows();
    /// Makes rows for `write_flows`, which goes on on another thread. Returns once there is nothing
    /// left to help with, as where SQLite writes the rows, or nothing yet.
    void help_with_flows();
    /// All that sums them up.
    void write_summary();

  private:
    void write_pages(PageFile& file);
    void put_part(std::size_t part, FlowVerdictRows& rows) const;
    [[nodiscard]] std::size_t flow_count() const noexcept;

    Database& database_;
    std::int64_t run_;
    const facts::Observation& observation_;
    const verdict::RunResult& result_;
    bool fresh_;
    Batch batch_;
    WrittenRows written_;
    CatalogRows catalog_;
    verdict::StoryQueries queries_;
    RowParts parts_;  ///< of the rows of flows
};

/// Brings the run's verdicts to what the result says: those on the flows that are named, and all
/// that sums them up. `written` is what the run has, and is brought up to date with it.
void update_verdict_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes,
                         WrittenRows& written);

}  // namespace turnpike::store
