// Writes the result of an analysis into an SQLite database: the one writer there is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

class RunVerdicts;
class Session;

/// What is known about a run before its first packet.
struct RunStart {
    base::Timestamp started_at;
    std::string source;     ///< what was read, in words
    std::string version;    ///< of turnpike
    std::string selectors;  ///< the --require selectors, joined by ", "; empty: all current
};

/// A database that no disk holds, of this process and as long as something has it open.
struct InMemory {};

/// A result database open for writing. Used by one thread at a time. Every member function throws
/// base::Error: io_error for a full disk or a lock that is not released (what was stored before is
/// kept), cannot_create for a place that cannot be written to.
class Writer {
  public:
    /// Opens the database, or makes it if there is none (an empty file counts as none). A file that
    /// is no turnpike database is not touched: base::Error bad_input.
    explicit Writer(const std::filesystem::path& path);
    explicit Writer(InMemory where);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Adds the run, incomplete so far, and returns its run_id.
    std::int64_t begin(const RunStart& start);
    /// Adds every fact: flows, queries, hellos, transactions, streams and ICMP errors. Once a run.
    void write_facts(const facts::Observation& observation);
    /// Adds what the verdict engine made of them, after `write_facts`. Once a run.
    void write_verdicts(const facts::Observation& observation, const verdict::RunResult& result);
    /// The same in steps, which read RunResult::considered and RunResult::flows and nothing else
    /// until the last one. Both arguments must outlive that.
    void begin_verdicts(const facts::Observation& observation, const verdict::RunResult& result);
    /// The verdicts on flows.
    void write_flow_verdicts();
    /// Makes rows for `write_flow_verdicts`, which goes on on another thread. Returns once there is
    /// nothing to help with.
    void help_with_flow_verdicts();
    /// The last step: all that the result says besides.
    void write_summary();
    /// Writes the run's own figures, marks it complete if it is, and leaves one plain file that any
    /// client can read.
    void end(const facts::CaptureQuality& quality, bool complete);
    /// Instead of `end`, after an error: a run of which nothing was stored is taken back, and so is
    /// a file that was made for it. Says whether the run stays.
    bool give_up() noexcept;

  private:
    std::unique_ptr<Session> session_;
    std::unique_ptr<RunVerdicts> verdicts_;  ///< between its steps
    bool goes_on_ = false;                   ///< begun, and neither ended nor given up
};

}  // namespace turnpike::store
