// The database of a live run, which may fail for a while and is begun anew when it is time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/live_judgement.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/store/rotation.h"

namespace turnpike::app {

class LiveDatabase {
  public:
    /// Opens or makes the database and begins a run. Throws base::Error.
    LiveDatabase(std::filesystem::path path, store::RunStart start, const store::RotationRule& rule,
                 std::size_t keep);

    /// Stores what is pending; what happens to the memory of it is up to the judgement. False: it
    /// could not be stored, `trouble` says why, and it is tried again with the next call.
    bool store(LiveJudgement& judgement);
    /// Why nothing is stored just now; empty: all is well.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    /// Puts the database aside if it is time, and begins a run in a new one with what goes on now.
    /// To be called after `store` succeeded. Returns what there is to say, one line each.
    std::vector<std::string> rotate(LiveJudgement& judgement);
    /// Ends the run. Throws base::Error if that cannot be stored.
    void end(bool complete);

    /// The run in the present file; nothing while none could be begun in it.
    [[nodiscard]] std::optional<std::int64_t> run() const noexcept { return run_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    void begin();

    std::filesystem::path path_;
    store::Rotation rotation_;
    std::unique_ptr<store::LiveWriter> writer_;  ///< null only if no new one could be begun
    store::RunStart start_;
    std::optional<std::int64_t> run_;
    std::string trouble_;
    std::string told_;  ///< why the run could not be ended to put its file aside, as last said
};

}  // namespace turnpike::app
