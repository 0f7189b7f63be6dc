// Brings together what the workers of a live run harvest, round by round.
#pragma once

#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "turnpike/inspect/harvest.h"

namespace turnpike::app {

/// What all workers harvested up to one time of the capture.
struct Round {
    base::Timestamp until;
    std::vector<inspect::Harvest> harvests;  ///< by worker
};

/// Appends what came later to what came before.
void merge(Round& round, Round&& later);

/// Workers deliver harvests with the time up to which they hold everything; a round is complete
/// when every worker has come as far. Thread-safe.
class Rounds {
  public:
    /// A worker whose deliveries that wait weigh more than `backlog` octets waits until some were
    /// taken, for as long as somebody takes them: meanwhile the kernel drops, and counts.
    explicit Rounds(std::size_t workers, std::size_t backlog = unbounded)
        : backlog_(backlog), lanes_(workers) {}

    /// By a worker, in order of time. The last one of a worker is `final`.
    void deliver(std::size_t worker, base::Timestamp until, inspect::Harvest&& harvest, bool final);
    /// The next complete round; nothing if none is complete within `patience` or all are taken.
    std::optional<Round> take(std::chrono::milliseconds patience);
    /// Every worker delivered its last harvest, and all were taken.
    [[nodiscard]] bool over();

  private:
    static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();
    struct Delivery {
        base::Timestamp until;
        inspect::Harvest harvest;
        std::size_t weight = 0;
    };
    struct Lane {
        std::deque<Delivery> waiting;
        bool final = false;
        facts::CaptureQuality quality;  ///< of what was taken last
        std::uint64_t followed = 0;
        std::size_t weight = 0;  ///< of what is waiting
    };
    /// The time of the next round, if all workers have come that far.
    [[nodiscard]] std::optional<base::Timestamp> next_round() const;
    [[nodiscard]] bool all_taken() const;
    inspect::Harvest take_from(Lane& lane, base::Timestamp until);

    std::mutex mutex_;
    std::condition_variable delivered_;
    std::condition_variable taken_;
    std::size_t backlog_;
    std::vector<Lane> lanes_;
};

}  // namespace turnpike::app
