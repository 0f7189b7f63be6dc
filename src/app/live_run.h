// The main loop of a live run: what the workers hand over is judged, stored and shown round by
// round.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/live_judgement.h"
#include "app/live_rounds.h"
#include "app/live_state.h"
#include "app/live_worker.h"
#include "turnpike/store/live_writer.h"

namespace turnpike::app {

/// A result database that is written to as the run goes on, and begun anew when it is time.
class LiveDatabase;

class LiveRun {
  public:
    /// What is done with the state of each round, and what signals ask for. All may be empty.
    struct Hooks {
        std::function<void(const monitor::State&)> show;
        std::function<void()> each_turn;  ///< some ten times a second: watchdog, signals
        std::function<std::uint64_t()> resident_octets;
    };

    /// Everything must outlive the run. `every_round`: judge after each round even if that takes
    /// long, so that results do not depend on the machine; otherwise judging takes at most a
    /// quarter of the time.
    LiveRun(std::vector<std::unique_ptr<LiveWorker>>& workers, Rounds& rounds,
            const inspect::LookAhead& look_ahead, LiveJudgement& judgement, LiveDatabase& database,
            LiveState& state, Hooks hooks, bool every_round = false);

    /// Starts the workers and runs until all of them ended. Returns whether everything was stored.
    bool run();
    /// One line that the displays show with the next state.
    void notice(std::string text) { notices_.push_back(std::move(text)); }
    void stop() noexcept;

  private:
    using Clock = std::chrono::steady_clock;
    void accept(Round&& round);
    [[nodiscard]] bool may_judge() const;
    void turn();
    void publish();
    void store();
    bool store_last();
    [[nodiscard]] capture::Drops drops() const;

    std::vector<std::unique_ptr<LiveWorker>>& workers_;
    Rounds& rounds_;
    const inspect::LookAhead& look_ahead_;
    LiveJudgement& judgement_;
    LiveDatabase& database_;
    LiveState& state_;
    Hooks hooks_;
    bool every_round_;
    std::optional<Round> opening_;  ///< what came while the workers were looking ahead
    bool opened_ = false;
    std::uint64_t lost_before_ = 0;  ///< flows that were not stored before the present trouble
    bool stopping_ = false;
    bool news_ = false;  ///< rounds were accepted since the last judgement
    Clock::time_point judged_;
    Clock::duration judging_took_{};
    std::vector<std::string> notices_;
};

}  // namespace turnpike::app
