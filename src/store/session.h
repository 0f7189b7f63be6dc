// The state of a database open for writing.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/database.h"
#include "store/file_check.h"
#include "turnpike/store/writer.h"

namespace turnpike::store {

/// How a database is written to.
enum class Pace : std::uint8_t {
    once,  ///< as much at a time as is there
    live,  ///< a little every second, and the disk may take its time only between those
};

class Session {
  public:
    explicit Session(const std::filesystem::path& path, Pace pace = Pace::once);
    explicit Session(InMemory where);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { fold_in_log(); }

    std::int64_t begin(const RunStart& start);
    /// Takes the run back if no flow of it is stored, and then the file, too, if it was made by
    /// this session and holds no other. Says whether the run stays.
    bool take_back() noexcept;
    /// Leaves one plain file instead of a log beside it: readable even where nothing may be
    /// written. If somebody reads just now the log stays, which is as good.
    void fold_in_log() noexcept { database_.try_execute("PRAGMA journal_mode = DELETE"); }

    [[nodiscard]] Database& database() noexcept { return database_; }
    /// The database was made by this session, which may write its large tables as pages.
    [[nodiscard]] bool fresh() const noexcept { return fresh_; }
    [[nodiscard]] std::int64_t run() const noexcept { return run_; }

  private:
    Session(const std::filesystem::path& path, FileKind kind, Pace pace);
    void set_up(FileKind kind, Pace pace);
    void remove_unless_used() noexcept;

    Database database_;
    bool made_ = false;  ///< where there was no file
    bool fresh_ = false;
    std::int64_t run_ = 0;
};

}  // namespace turnpike::store
