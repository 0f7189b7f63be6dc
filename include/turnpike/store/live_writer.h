// Writes a run into an SQLite database while it goes on: what changed, once a second.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "turnpike/facts/facts.h"
#include "turnpike/facts/kinds.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// How many flows there were since the run began, by their last verdict.
struct FlowCounts {
    std::uint64_t passed = 0;
    std::uint64_t blocked = 0;
    std::uint64_t inconclusive = 0;
};

/// Of one kind of facts, in its list of an observation.
template <typename Kind>
using RowIndexes = std::span<const std::uint32_t>;

/// What changed since the last commit. The observation holds what is still in memory only: rows
/// that left it stay in the database as they were written last. Rows are known by their `id`.
struct Changes {
    const facts::Observation& observation;
    const verdict::RunResult& result;
    std::span<const std::uint32_t> flows;     ///< indexes: new, or their facts changed
    std::span<const std::uint32_t> verdicts;  ///< indexes of flows whose verdict is new or changed
    facts::EachKind<RowIndexes> rows;         ///< indexes: new or changed
    facts::CaptureQuality quality;            ///< since the run began
    FlowCounts counts;
};

/// A result database that grows. Used by one thread at a time.
class LiveWriter {
  public:
    /// Opens or makes the database as Writer does, with the same errors.
    explicit LiveWriter(const std::filesystem::path& path);
    ~LiveWriter();
    LiveWriter(const LiveWriter&) = delete;
    LiveWriter& operator=(const LiveWriter&) = delete;

    /// Adds the run, incomplete so far, and returns its run_id.
    std::int64_t begin(const RunStart& start);
    /// One transaction: all of it is committed, or none and base::Error io_error is thrown (disk
    /// full, a lock not released within a quarter of a second); then the same changes, and what
    /// came on top, may be given again. Requirements, domains, alternatives and warnings are
    /// brought to what the result says; the catalog behind it may have been reloaded, so products
    /// and rules are known by their names, not by their addresses.
    void commit(const Changes& changes);
    /// Marks the run complete if it is and leaves one plain file; while somebody reads, the log
    /// stays beside it. May take as long as the disk, but waits a second at most for another
    /// program's lock and throws base::Error io_error then: the run stays incomplete.
    void end(bool complete);
    /// Octets of the database with its log.
    [[nodiscard]] std::uint64_t size() const;

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace turnpike::store
