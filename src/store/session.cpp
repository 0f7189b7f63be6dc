// Opens a database for writing, makes or updates its layout, and sets SQLite's pace.
#include "store/session.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>

#include "store/foreign_hands.h"
#include "store/older_layout.h"
#include "store/run_row.h"
#include "store/schema.h"
#include "turnpike/base/error.h"

namespace turnpike::store {
namespace {

// What was captured is not for everybody; SQLite's log and index take the mode of the file. A link
// to nothing may be somebody's who would like a file made in his place; other mistakes are SQLite's
// to tell.
void make_file(const std::filesystem::path& path) {
    constexpr mode_t owner_and_group = 0640;
    const int made =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_and_group);
    if (made >= 0) {
        ::close(made);
        return;
    }
    std::error_code ignored;
    if (errno == EEXIST && !std::filesystem::exists(path, ignored)) {
        throw base::Error(base::ExitStatus::cannot_create,
                          fmt::format("{}: is a link to a file that is not there; remove it, or "
                                      "give that file as --output",
                                      name_of(path)));
    }
}

// SQLite is asked to open a file only once its header was looked at.
Database open_for_writing(const std::filesystem::path& path, FileKind kind) {
    require_own_layout(path, kind);
    if (kind == FileKind::not_a_file) {
        throw base::Error(base::ExitStatus::cannot_create,
                          fmt::format("{}: is no file that a database can be written to; give "
                                      "another --output",
                                      name_of(path)));
    }
    const bool exists = kind == FileKind::turnpike || kind == FileKind::older_layout;
    if (!exists) {
        make_file(path);
    }
    return {path, exists ? Access::read_write : Access::create};
}

// A database made by one command holds nothing that running the command again would not bring
// back, so it need not wait for the disk; one with earlier runs, or with what will never be seen
// again, must survive a power failure.
void tune(Database& database, bool fresh, Pace pace) {
    const bool replaceable = fresh && pace == Pace::once;
    database.execute(replaceable ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL");
    if (pace == Pace::once) {
        // Enough for the pages of one batch; the log is folded in at commits when it exceeds 64 MB.
        database.execute("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384");
    } else {
        // Folded in at 8 MB, so that no commit waits long for it. A log that grew while somebody
        // read for long gives its room back.
        database.execute(
            "PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 2048;"
            "PRAGMA journal_size_limit = 16777216");
    }
    // The program may be confined to the folder of the database, without a place for other files.
    database.execute("PRAGMA temp_store = MEMORY");
    // Nor does a file of somebody else say what may be written.
    database.execute("PRAGMA ignore_check_constraints = ON");
    // Foreign keys are declared and hold (the tests check them), but are not enforced row by row
    // here: every key is made by this writer, and enforcement took a third of the writing time.
    database.execute("PRAGMA foreign_keys = OFF");
}

// The marks of a turnpike database reach the file itself before the write-ahead log exists, so that
// a program which is killed leaves a file that the next one recognises.
void create_layout(Database& database) {
    Transaction transaction(database);
    if (database.integer("PRAGMA application_id") != application_id) {
        database.execute(schema_sql());
    }  // else another program was faster
    transaction.commit();
}

// The change takes the whole file for a moment, and SQLite does not wait for that by itself.
void keep_write_ahead_log(Database& database) {
    constexpr auto* change = "PRAGMA journal_mode = WAL";
    wait_for_lock([&database] { return database.try_execute(change) || !database.is_busy(); });
    database.execute(change);
}

}  // namespace

Session::Session(const std::filesystem::path& path, Pace pace)
    : Session(path, look_at(path), pace) {}

Session::Session(const std::filesystem::path& path, FileKind kind, Pace pace)
    : database_(open_for_writing(path, kind)), made_(kind == FileKind::absent) {
    try {
        set_up(kind, pace);
    } catch (...) {
        remove_unless_used();
        throw;
    }
}

Session::Session(InMemory /*where*/) : database_({}, Access::in_memory) {
    tune(database_, true, Pace::once);
    create_layout(database_);
}

void Session::set_up(FileKind kind, Pace pace) {
    const bool fresh = kind == FileKind::absent || kind == FileKind::empty;
    tune(database_, fresh, pace);
    if (fresh) {
        create_layout(database_);
    } else {
        require_own_schema(database_);
        bring_up_to_date(database_);
        require_own_schema(database_);
    }
    fresh_ = fresh && pace == Pace::once;
    if (!fresh_) {
        keep_write_ahead_log(database_);
    }
}

std::int64_t Session::begin(const RunStart& start) {
    try {
        run_ = write_start(database_, start);
    } catch (...) {
        remove_unless_used();
        throw;
    }
    return run_;
}

bool Session::take_back() noexcept {
    try {
        if (database_.integer(fmt::format("SELECT 1 FROM flow WHERE run_id = {} LIMIT 1", run_))) {
            return true;
        }
        fold_in_log();  // makes room
        database_.execute(fmt::format("DELETE FROM run WHERE run_id = {}", run_));
    } catch (const std::exception&) {
        return false;  // it stays as an empty run
    }
    remove_unless_used();
    return false;
}

// Without a table there is no run either.
void Session::remove_unless_used() noexcept {
    if (!made_) {
        return;
    }
    try {
        if (database_.integer("SELECT 1 FROM sqlite_schema WHERE name = 'run'") &&
            database_.integer("SELECT 1 FROM run LIMIT 1")) {
            return;
        }
    } catch (const std::exception&) {
        return;
    }
    std::error_code ignored;
    std::filesystem::remove(database_.path(), ignored);
}

}  // namespace turnpike::store
