// The state of a database open for writing.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/database.h"
#include "store/file_check.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/writer.h"

namespace turnpike::store {

class Session {
  public:
    explicit Session(const std::filesystem::path& path);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    std::int64_t begin(const RunStart& start);
    void end(const facts::CaptureQuality& quality, bool complete);

    [[nodiscard]] Database& database() noexcept { return database_; }
    [[nodiscard]] std::int64_t run() const noexcept { return run_; }

  private:
    Session(const std::filesystem::path& path, FileKind kind);

    Database database_;
    std::int64_t run_ = 0;
};

}  // namespace turnpike::store
