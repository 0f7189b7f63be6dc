#include "store/database.h"

#include <fmt/core.h>

#include <utility>

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
    }
    return 0;
}

bool writes(Access access) noexcept {
    return access == Access::read_write || access == Access::create;
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

// Without memory statistics SQLite needs no lock around each of its allocations. Has to happen
// before its first use, once.
void configure_once() noexcept {
    [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

Database::Database(std::filesystem::path path, Access access)
    : path_(std::move(path)), writing_(writes(access)) {
    configure_once();
    sqlite3* handle = nullptr;
    const std::string name = access == Access::frozen ? frozen_uri(path_) : path_.string();
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags_of(access), nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) {
        fail(code);
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
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

bool Database::try_execute(const std::string& sql) noexcept {
    return sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

void Database::fail(int code) const {
    const std::string file = path_.string();
    switch (code & 0xff) {
        case SQLITE_FULL:
            throw Error(ExitStatus::io_error,
                        fmt::format("{}: the disk is full; make room (what was stored so far is "
                                    "kept)",
                                    file));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(ExitStatus::io_error,
                        fmt::format("{}: another program is writing to it; wait for it or give "
                                    "another --output",
                                    file));
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            if (writing_) {
                throw Error(ExitStatus::cannot_create,
                            fmt::format("{}: cannot be created or written ({}); give another "
                                        "--output",
                                        file, sqlite3_errstr(code)));
            }
            throw Error(ExitStatus::cannot_open,
                        fmt::format("{}: cannot be opened ({}); check the path and its permissions",
                                    file, sqlite3_errstr(code)));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:
            throw Error(
                ExitStatus::bad_input,
                fmt::format("{}: is damaged ({}); restore it or analyze again into another "
                            "--output",
                            file, handle_ ? sqlite3_errmsg(handle()) : sqlite3_errstr(code)));
        default:
            throw Error(ExitStatus::io_error,
                        fmt::format("{}: {}; what was stored so far is kept", file,
                                    handle_ ? sqlite3_errmsg(handle()) : sqlite3_errstr(code)));
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
        return true;
    }
    if (code != SQLITE_DONE) {
        sqlite3_reset(handle_.get());
        database_->fail(code);
    }
    return false;
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
