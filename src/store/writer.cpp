#include "turnpike/store/writer.h"

#include <fmt/core.h>

#include "store/batch.h"
#include "store/fact_rows.h"
#include "store/file_check.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "store/session.h"
#include "store/stored_text.h"
#include "store/verdict_rows.h"
#include "turnpike/base/error.h"

namespace turnpike::store {
namespace {

// SQLite is asked to open a file only once its header was looked at.
Database open_for_writing(const std::filesystem::path& path, FileKind kind) {
    require_own_layout(path, kind);
    if (kind == FileKind::not_a_file) {
        throw base::Error(base::ExitStatus::cannot_create,
                          fmt::format("{}: is no file that a database can be written to; give "
                                      "another --output",
                                      path.string()));
    }
    return Database(path, kind == FileKind::turnpike ? Access::read_write : Access::create);
}

// A database made here holds nothing that running the command again would not bring back, so it
// need not wait for the disk; one with earlier runs must survive a power failure.
void tune(Database& database, bool fresh) {
    database.execute(fresh ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL");
    // Enough for the pages of one batch; the log is folded in at commits when it exceeds 64 MB.
    database.execute("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384");
    // Foreign keys are declared and hold (the tests check them), but are not enforced row by row
    // here: every key is made by this writer, and enforcement took a third of the writing time.
    database.execute("PRAGMA foreign_keys = OFF");
}

// The marks of a turnpike database reach the file itself before the write-ahead log exists, so that
// a program which is killed leaves a file that the next one recognises.
void create_layout(Database& database) {
    Transaction transaction(database);
    database.execute(schema_sql());
    transaction.commit();
}

}  // namespace

Session::Session(const std::filesystem::path& path) : Session(path, look_at(path)) {}

Session::Session(const std::filesystem::path& path, FileKind kind)
    : database_(open_for_writing(path, kind)) {
    const bool fresh = kind != FileKind::turnpike;
    tune(database_, fresh);
    if (fresh) {
        create_layout(database_);
    }
    database_.execute("PRAGMA journal_mode = WAL");
}

Session::~Session() {
    // One plain file instead of a log beside it: readable even where nothing may be written. If
    // somebody reads just now the log stays, which is as good.
    database_.try_execute("PRAGMA journal_mode = DELETE");
}

std::int64_t Session::begin(const RunStart& start) {
    std::string source;
    Statement insert(database_,
                     "INSERT INTO run(started, source, version, selectors) VALUES(?,?,?,?)");
    insert.run(micros(start.started_at), stored_text(start.source, source), start.version,
               start.selectors);
    run_ = sqlite3_last_insert_rowid(database_.handle());
    return run_;
}

void Session::end(const facts::CaptureQuality& quality, bool complete) {
    Transaction transaction(database_);
    Statement update(
        database_,
        "UPDATE run SET first_packet = ?, last_packet = ?, packets = ?, bytes = ?, dropped = ?, "
        "malformed = ?, duplicate = ?, cut = ?, ip_packets = ?, non_ip = ?, fragments = ?, "
        "backward_steps = ?, cut_off = ?, copying = ?, complete = ? WHERE run_id = ?");
    update.run(micros(quality.first), micros(quality.last), quality.packets, quality.bytes,
               quality.dropped, quality.malformed, quality.duplicates, quality.cut,
               quality.ip_packets, quality.non_ip, quality.fragments, quality.backward_steps,
               quality.cut_off, quality.copying, complete, run_);
    Statement problem(database_, "INSERT INTO decode_problem VALUES(?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& entry : quality.problems) {
        problem.run(row_key(run_, ++number), run_, entry.protocol, entry.reason, entry.count);
    }
    transaction.commit();
}

Writer::Writer(const std::filesystem::path& path) : session_(std::make_unique<Session>(path)) {}
Writer::~Writer() = default;

std::int64_t Writer::begin(const RunStart& start) {
    return session_->begin(start);
}

void Writer::write_facts(const facts::Observation& observation) {
    write_fact_rows(session_->database(), session_->run(), observation);
}

void Writer::write_verdicts(const facts::Observation& observation,
                            const verdict::RunResult& result) {
    write_verdict_rows(session_->database(), session_->run(), observation, result);
}

void Writer::end(const facts::CaptureQuality& quality, bool complete) {
    session_->end(quality, complete);
}

}  // namespace turnpike::store
