// Opens SQLite databases and runs statements, within bounds where the file may be anybody's.
#include "store/database.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "store/foreign_hands.h"
#include "turnpike/base/printable.h"

namespace turnpike::store {
namespace {

using base::Error;
using base::ExitStatus;

int flags_of(Access access) noexcept {
    // One connection is used by one thread at a time, so SQLite's own locks are not needed.
    switch (access) {
        case Access::read_only:
            return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
        case Access::frozen:
            return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
        case Access::read_write:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        case Access::create:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
        case Access::in_memory:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                   SQLITE_OPEN_URI;
    }
    return 0;
}

bool writes(Access access) noexcept {
    return access != Access::read_only && access != Access::frozen;
}

// "file:" URI of a path (sqlite.org/uri.html): every octet that is not plain is escaped.
std::string frozen_uri(const std::filesystem::path& path) {
    std::string uri = "file:";
    for (const char c : path.string()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-' || c == '_';
        uri += plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

constexpr int steps_at_a_time = 10'000;

// Without memory statistics SQLite needs no lock around each of its allocations. Has to happen
// before its first use, once.
void configure_once() noexcept {
    [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// ---- what an error of SQLite means to whoever opened the file, and what to do ----

constexpr const char* cut_off_text =
    "whoever wrote to it was cut off in the middle; open it once as somebody who may write to it, "
    "to take that back: sqlite3 FILE .tables";
constexpr const char* full_text = "the disk is full; make room";
constexpr const char* locked_text =
    "another program has locked it; try again when that one is done";
constexpr const char* locked_by_writer_text =
    "another program is writing to it, or reads it at length; wait for it or give another "
    "--output";
constexpr const char* too_much_text =
    "holds more than its size can; it is damaged, or was made to keep its reader busy";

std::string input_output_text(int code) {
    return fmt::format("{}; look for a failing disk, a quota, or a limit on files (ulimit -f)",
                       sqlite3_errstr(code));
}

// SQLite calls it an error of the disk where its index of the log finds no room (32 kB a piece).
bool has_no_room(const std::filesystem::path& path, int system_errno) {
    if (system_errno == ENOSPC || system_errno == EDQUOT) {
        return true;
    }
    constexpr std::uintmax_t piece = 32'768;
    std::error_code unknown;
    const auto folder = std::filesystem::absolute(path, unknown).parent_path();
    const auto room = std::filesystem::space(folder, unknown);
    return !unknown && room.available < piece;
}

std::string out_of_reach_text(int code, bool writing) {
    return writing ? fmt::format("cannot be created or written ({}); give another --output",
                                 sqlite3_errstr(code))
                   : fmt::format("cannot be opened ({}); check the path and its permissions",
                                 sqlite3_errstr(code));
}

std::string damaged_text(const char* words) {
    return fmt::format("is damaged ({}); restore it or analyze again into another --output", words);
}

}  // namespace

std::string name_of(const std::filesystem::path& path) {
    return base::from_catalog(path.string());
}

Database::Database(std::filesystem::path path, Access access)
    : path_(std::move(path)), writing_(writes(access)) {
    configure_once();
    sqlite3* handle = nullptr;
    // sqlite.org/inmemorydb.html: with a slash in front all connections of the process share it.
    const std::string name = access == Access::in_memory ? "file:/turnpike?vfs=memdb"
                             : access == Access::frozen  ? frozen_uri(path_)
                                                         : path_.string();
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags_of(access), nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) {
        fail(code);
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    defend(*this);
    if (!writing_) {
        bound_reading();
    }
}

// In proportion to the file: what a report reads several times over is some dozen times its size.
void Database::bound_reading() {
    std::error_code ignored;
    std::uintmax_t size = 0;
    for (const auto* const suffix : {"", "-wal"}) {
        const auto part = std::filesystem::file_size(path_.string() + suffix, ignored);
        size += ignored ? 0 : part;
    }
    constexpr std::uintmax_t largest = std::uintmax_t{1} << 40U;
    const auto octets = static_cast<std::int64_t>(std::min(size, largest));
    constexpr std::int64_t least_steps = 500'000'000;
    constexpr std::int64_t least_octets = 64'000'000;
    constexpr std::int64_t steps_an_octet = 1'000;
    constexpr std::int64_t octets_an_octet = 64;
    allowance_ = std::make_unique<Allowance>(
        Allowance{least_steps + octets * steps_an_octet, least_octets + octets * octets_an_octet});
    sqlite3_progress_handler(handle(), steps_at_a_time, on_progress, allowance_.get());
}

int Database::on_progress(void* allowance) noexcept {
    auto& left = static_cast<Allowance*>(allowance)->steps;
    left -= steps_at_a_time;
    return left < 0 ? 1 : 0;
}

void Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
    }
}

std::optional<std::int64_t> Database::integer(const std::string& sql) {
    Statement statement(*this, sql);
    if (!statement.step() || statement.type(0) == SQLITE_NULL) {
        return std::nullopt;
    }
    return statement.integer(0);
}

bool Database::try_execute(const char* sql) noexcept {
    return sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

void Database::fail(int code) const {
    const std::string file = name_of(path_);
    const auto error = [&file](ExitStatus status, const std::string& why) {
        return Error(status, file + ": " + why);
    };
    const char* const words = handle_ ? sqlite3_errmsg(handle()) : sqlite3_errstr(code);
    if (!writing_ && (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)) {
        throw error(ExitStatus::io_error, cut_off_text);
    }
    switch (code & 0xff) {
        case SQLITE_FULL:
            throw error(ExitStatus::io_error, full_text);
        case SQLITE_IOERR:
            // Memory that it shares with other processes, or maps, is asked of the kernel.
            if (handle_ && sqlite3_system_errno(handle()) == ENOMEM) {
                throw std::bad_alloc();
            }
            throw error(ExitStatus::io_error,
                        has_no_room(path_, handle_ ? sqlite3_system_errno(handle()) : errno)
                            ? std::string(full_text)
                            : input_output_text(code));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw error(ExitStatus::io_error, writing_ ? locked_by_writer_text : locked_text);
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            throw error(writing_ ? ExitStatus::cannot_create : ExitStatus::cannot_open,
                        out_of_reach_text(code, writing_));
        case SQLITE_NOMEM:
            throw std::bad_alloc();
        case SQLITE_INTERRUPT:
        case SQLITE_TOOBIG:
            throw error(ExitStatus::bad_input, too_much_text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:
            throw error(ExitStatus::bad_input, damaged_text(words));
        default:
            throw error(ExitStatus::io_error, words);
    }
}

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    handle_.reset(statement);
    if (code != SQLITE_OK) {
        database.fail(code);
    }
}

bool Statement::step() {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) {
        if (database_->allowance_) {
            charge();
        }
        return true;
    }
    if (code != SQLITE_DONE) {
        sqlite3_reset(handle_.get());
        database_->fail(code);
    }
    return false;
}

void Statement::charge() {
    constexpr std::int64_t row = 8;
    std::int64_t cost = row;
    for (int column = 0; column < columns(); ++column) {
        if (type(column) == SQLITE_TEXT || type(column) == SQLITE_BLOB) {
            cost += sqlite3_column_bytes(handle_.get(), column);
        }
    }
    database_->allowance_->octets -= cost;
    if (database_->allowance_->octets < 0) {
        database_->fail(SQLITE_TOOBIG);
    }
}

void Statement::finish() {
    while (step()) {
    }
    sqlite3_reset(handle_.get());
}

std::string_view Statement::text(int column) const noexcept {
    const auto* const data = sqlite3_column_text(handle_.get(), column);
    if (data == nullptr) {
        return {};
    }
    // SQLite hands out text as unsigned char; the octets are the same.
    return {reinterpret_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

}  // namespace turnpike::store
