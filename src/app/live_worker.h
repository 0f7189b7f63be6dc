// One worker of a live run: a source, a decoder and an inspector on a thread of their own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "app/intake.h"
#include "app/live_rounds.h"
#include "app/packet_batch.h"
#include "turnpike/capture/source.h"
#include "turnpike/inspect/inspector.h"

namespace turnpike::app {

/// How many packets the whole run may still take.
class PacketBudget {
  public:
    /// 0: no end.
    explicit PacketBudget(std::uint64_t packets)
        : limited_(packets > 0), left_(static_cast<std::int64_t>(packets)) {}

    /// How many of so many packets may be taken; those are spent.
    std::size_t spend(std::size_t packets) noexcept {
        if (!limited_) {
            return packets;
        }
        const auto wanted = static_cast<std::int64_t>(packets);
        const std::int64_t left = left_.fetch_sub(wanted, std::memory_order_relaxed);
        return static_cast<std::size_t>(std::clamp<std::int64_t>(left, 0, wanted));
    }
    [[nodiscard]] bool spent() const noexcept {
        return limited_ && left_.load(std::memory_order_relaxed) <= 0;
    }

  private:
    bool limited_;
    std::atomic<std::int64_t> left_;
};

class LiveWorker {
  public:
    /// Everything must outlive the worker; `filter` may be null.
    LiveWorker(std::size_t number, capture::Source& source, const inspect::Options& options,
               const InnerFilter* filter, PacketBudget& budget, Rounds& rounds);
    /// Where a run ends by an exception, its threads end as well.
    ~LiveWorker();
    LiveWorker(const LiveWorker&) = delete;
    LiveWorker& operator=(const LiveWorker&) = delete;

    /// Starts the thread, which ends when the source ends or `stop` was called.
    void start();
    /// Safe from a signal handler.
    void stop() noexcept { source_.stop(); }
    void join();

    /// What the source counted as lost so far; as of the last second.
    [[nodiscard]] capture::Drops drops();
    /// What happened to the source since this was last called.
    [[nodiscard]] std::vector<std::string> take_notices();
    /// Why the source ended if nobody stopped it, one line each; after `join`.
    [[nodiscard]] const std::vector<std::string>& breaks() const noexcept { return breaks_; }
    /// Frames of unknown link types; after `join`.
    [[nodiscard]] const Intake& intake() const noexcept { return intake_; }

  private:
    void run() noexcept;
    void watch();
    void finish();
    void take(std::span<const capture::Frame> frames);
    [[nodiscard]] std::size_t count_together(std::span<const capture::Frame> frames) const;
    /// The time as if the clock had never stepped back: harvests come in order.
    [[nodiscard]] base::Timestamp level(base::Timestamp time) const noexcept {
        return time + stepped_back_;
    }
    void follow_clock(base::Timestamp now);
    void harvest_until(base::Timestamp now);
    void deliver(base::Timestamp until, bool final);

    std::size_t number_;
    capture::Source& source_;
    inspect::Inspector inspector_;
    PacketReader reader_;
    PacketBatch packets_;
    Intake intake_;
    PacketBudget& budget_;
    Rounds& rounds_;
    base::Timestamp next_harvest_;
    base::Duration stepped_back_{};                    ///< by the clock
    std::chrono::steady_clock::time_point next_step_;  ///< when the next one may count
    std::vector<std::string> breaks_;
    std::mutex mutex_;
    capture::Drops drops_;
    std::vector<std::string> notices_;
    std::thread thread_;
};

}  // namespace turnpike::app
