// Writes the changes of a live run in one transaction a round.
#include "turnpike/store/live_writer.h"

#include <fmt/core.h>

#include <utility>

#include "store/fact_rows.h"
#include "store/run_row.h"
#include "store/session.h"
#include "store/verdict_rows.h"
#include "store/written_rows.h"
#include "turnpike/base/error.h"

namespace turnpike::store {
namespace {

// Long enough for another program's short transaction; packets go on meanwhile.
constexpr int live_busy_timeout_ms = 250;
// At the end nobody comes back later, but whoever stopped the program waits.
constexpr int last_busy_timeout_ms = 1000;

}  // namespace

class LiveWriter::State {
  public:
    explicit State(const std::filesystem::path& path) : session_(path, Pace::live) {}

    std::int64_t begin(const RunStart& start) {
        const std::int64_t run = session_.begin(start);
        sqlite3_busy_timeout(database().handle(), live_busy_timeout_ms);
        return run;
    }

    void commit(const Changes& changes) {
        // What is written is known only when the transaction succeeds.
        WrittenRows written = written_;
        Batch batch(database(), Batch::whole);
        update_fact_rows(database(), batch, session_.run(), changes);
        update_verdict_rows(database(), batch, session_.run(), changes, written);
        write_quality(database(), batch, session_.run(), changes.quality, written.problems);
        batch.commit();
        written_ = std::move(written);
    }

    void end(bool complete) {
        sqlite3_busy_timeout(database().handle(), last_busy_timeout_ms);
        try {
            end_waiting();
            write_complete(database(), session_.run(), complete);
        } catch (...) {
            sqlite3_busy_timeout(database().handle(), live_busy_timeout_ms);  // it may go on
            throw;
        }
        session_.fold_in_log();
    }

    [[nodiscard]] const std::filesystem::path& path() noexcept { return database().path(); }

  private:
    /// Flows that left memory without an answer are not judged again when the run ends.
    void end_waiting() {
        Statement update(database(),
                         "UPDATE flow_verdict SET inconclusive_reason = 'capture_ended' WHERE "
                         "inconclusive_reason = 'waiting' AND "
                         "(SELECT run_id FROM flow WHERE id = flow) = ?");
        update.run(session_.run());
    }
    Database& database() noexcept { return session_.database(); }

    Session session_;
    WrittenRows written_;
};

LiveWriter::LiveWriter(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
LiveWriter::~LiveWriter() = default;

std::int64_t LiveWriter::begin(const RunStart& start) {
    return state_->begin(start);
}

void LiveWriter::commit(const Changes& changes) {
    try {
        state_->commit(changes);
    } catch (const base::Error& error) {
        // Whatever kept the disk from being written to may pass.
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("{}; what was stored so far is kept", error.what()));
    }
}

void LiveWriter::end(bool complete) {
    state_->end(complete);
}

std::uint64_t LiveWriter::size() const {
    std::uint64_t octets = 0;
    for (const auto* suffix : {"", "-wal"}) {
        std::error_code error;
        const auto size = std::filesystem::file_size(state_->path().string() + suffix, error);
        octets += error ? 0 : size;
    }
    return octets;
}

}  // namespace turnpike::store
