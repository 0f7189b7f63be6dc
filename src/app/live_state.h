// Fills the state that displays show from what a live run knows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/live_judgement.h"
#include "turnpike/capture/source.h"
#include "turnpike/monitor/state.h"

namespace turnpike::app {

/// Remembers what was told last, so that changes can be told. Used by one thread.
class LiveState {
  public:
    LiveState(std::string source, std::string database);

    /// The state after a `judge` and before `stored`, when indexes still hold. What is new since
    /// the last call (changes, finished flows) stands in it; notices and trouble are the caller's
    /// to add.
    const monitor::State& update(LiveJudgement& judgement, const capture::Drops& drops,
                                 std::uint64_t resident_octets);
    [[nodiscard]] monitor::State& state() noexcept { return state_; }

  private:
    /// What displays were told of a requirement last.
    struct Published {
        std::string status;
        std::string reason;
        base::Timestamp changed;
    };
    void tell_requirements(const LiveJudgement& judgement);
    void tell_change(const std::string& key, monitor::RequirementState& row);
    void tell_counters(const LiveJudgement& judgement, const capture::Drops& drops,
                       std::uint64_t resident_octets);

    monitor::State state_;
    std::map<std::string, Published, std::less<>> published_;  ///< by catalog::Requirement::key
};

}  // namespace turnpike::app
