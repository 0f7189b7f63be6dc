// A thin owner of an SQLite connection and of prepared statements; every error becomes base::Error.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>

#include "turnpike/base/error.h"

namespace turnpike::store {

/// How a connection is opened.
enum class Access : std::uint8_t {
    read_only,   ///< an existing file, never written
    frozen,      ///< the same on media where SQLite may not even make its lock files
    read_write,  ///< an existing file
    create,      ///< made if it does not exist
    in_memory,   ///< the one that this process holds in memory, as long as a connection is open
};

/// A file's name as it is shown: nothing in it can break a line or move a cursor.
std::string name_of(const std::filesystem::path& path);

/// Waits this long for another program's lock.
inline constexpr int busy_timeout_ms = 10'000;

/// Asks again until the answer is true or `busy_timeout_ms` are over: for locks that SQLite does
/// not wait for by itself. The last answer.
template <typename Attempt>
bool wait_for_lock(Attempt attempt) {
    constexpr std::chrono::milliseconds between_attempts{5};
    const auto give_up =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_ms);
    while (!attempt()) {
        if (std::chrono::steady_clock::now() >= give_up) {
            return false;
        }
        std::this_thread::sleep_for(between_attempts);
    }
    return true;
}

class Database {
  public:
    /// Throws base::Error: cannot_create (writing) or cannot_open (reading).
    Database(std::filesystem::path path, Access access);

    void execute(const std::string& sql);
    /// The first column of the first row, or nothing.
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& sql);
    /// Never throws; for clean-up where an error changes nothing.
    bool try_execute(const char* sql) noexcept;
    /// The last call failed because another program holds a lock.
    [[nodiscard]] bool is_busy() const noexcept {
        return (sqlite3_errcode(handle()) & 0xff) == SQLITE_BUSY;
    }
    /// Throws the base::Error that fits an SQLite result code.
    [[noreturn]] void fail(int code) const;

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    /// What reading may still cost.
    struct Allowance {
        std::int64_t steps = 0;   ///< of SQLite's virtual machine
        std::int64_t octets = 0;  ///< of text that is handed out
    };
    friend class Statement;
    /// A file that was made to never end, or to unfold without end, must not be read for ever.
    void bound_reading();
    static int on_progress(void* allowance) noexcept;

    struct Close {
        void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
    };
    std::filesystem::path path_;
    bool writing_;
    std::unique_ptr<Allowance> allowance_;  ///< of a connection that only reads
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement. Text is bound without a copy, so what is bound must live until the next
/// `run` or `reset`.
class Statement {
  public:
    Statement(Database& database, std::string_view sql);

    /// Binds all parameters, runs the statement to its end and makes it ready for the next row.
    template <typename... Values>
    void run(const Values&... values) {
        bind_all(values...);
        finish();
    }
    /// Binds all parameters; then `step` delivers rows.
    template <typename... Values>
    void bind_all(const Values&... values) {
        int index = 0;
        (bind(++index, values), ...);
    }
    /// True while there is a row.
    bool step();
    void reset() noexcept { sqlite3_reset(handle_.get()); }

    [[nodiscard]] int columns() const noexcept { return sqlite3_column_count(handle_.get()); }
    [[nodiscard]] std::string_view name(int column) const noexcept {
        return sqlite3_column_name(handle_.get(), column);
    }
    [[nodiscard]] int type(int column) const noexcept {
        return sqlite3_column_type(handle_.get(), column);
    }
    [[nodiscard]] std::int64_t integer(int column) const noexcept {
        return sqlite3_column_int64(handle_.get(), column);
    }
    [[nodiscard]] double real(int column) const noexcept {
        return sqlite3_column_double(handle_.get(), column);
    }
    /// Valid until the next step; empty for NULL.
    [[nodiscard]] std::string_view text(int column) const noexcept;

  private:
    void charge();
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };
    void finish();

    template <typename T>
        requires std::is_integral_v<T>
    void bind(int index, T value) noexcept {
        sqlite3_bind_int64(handle_.get(), index, static_cast<sqlite3_int64>(value));
    }
    void bind(int index, double value) noexcept {
        sqlite3_bind_double(handle_.get(), index, value);
    }
    void bind(int index, std::nullptr_t) noexcept { sqlite3_bind_null(handle_.get(), index); }
    void bind(int index, std::string_view value) noexcept {
        // A view without data would bind NULL.
        sqlite3_bind_text64(handle_.get(), index, value.empty() ? "" : value.data(), value.size(),
                            SQLITE_STATIC, SQLITE_UTF8);
    }
    void bind(int index, const std::string& value) noexcept {
        bind(index, std::string_view{value});
    }
    template <typename T>
    void bind(int index, const std::optional<T>& value) noexcept {
        if (value) {
            bind(index, *value);
        } else {
            bind(index, nullptr);
        }
    }

    Database* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolls back unless `commit` was called.
class Transaction {
  public:
    explicit Transaction(Database& database) : database_(&database) {
        database_->execute("BEGIN IMMEDIATE");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction() {
        if (database_ != nullptr) {
            database_->try_execute("ROLLBACK");
        }
    }
    void commit() {
        database_->execute("COMMIT");
        database_ = nullptr;
    }

  private:
    Database* database_;
};

}  // namespace turnpike::store
