// Interfaces and listeners as one source: waits for all, merges by time.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/live_input.h"
#include "capture/live_lane.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

/// Numbers frames over all sources of a run.
using FrameCounter = std::atomic<std::uint64_t>;

class LiveSource final : public Source {
  public:
    /// `hand_over` is how long the kernel may keep a frame of an input.
    LiveSource(std::vector<std::unique_ptr<LiveInput>> inputs, std::chrono::milliseconds hand_over,
               std::shared_ptr<FrameCounter> counter);
    ~LiveSource() override;

    std::span<const Frame> next_batch() override;
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] Progress progress() const noexcept override {
        return {.octets_read = octets_read_, .octets_total = {}};
    }
    [[nodiscard]] Drops drops() const noexcept override;
    [[nodiscard]] std::span<const Loss> losses() const noexcept override { return losses_; }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override {
        return cut_offs_;
    }
    [[nodiscard]] std::optional<base::Timestamp> clock() const noexcept override { return clock_; }
    std::vector<std::string> take_notices() override;
    [[nodiscard]] std::string describe() const override;
    void stop() noexcept override;

  private:
    using Moment = LiveSegment::Moment;
    using Lane = LiveLane;
    using Segment = std::unique_ptr<LiveSegment>;

    void wait();
    [[nodiscard]] bool drained_by(Moment::duration since) const noexcept;
    void recycle();
    void read(Lane& lane, Moment now);
    void read_all(Moment now);
    void look_after_inputs(Moment now);
    void note_losses(Lane& lane, base::Timestamp now);
    void merge(bool all);
    Lane* earliest() noexcept;
    [[nodiscard]] bool may_pass(const Lane& lane) const noexcept;
    void deliver(Lane& lane);
    void number_frames();
    void advance_clock(Moment now, base::Timestamp wall);

    std::vector<Lane> lanes_;
    /// A frame that arrived this long ago was handed over, or never will be.
    std::chrono::milliseconds settled_;
    std::shared_ptr<FrameCounter> counter_;
    int wake_ = -1;  ///< an eventfd
    std::atomic<bool> stop_ = false;
    std::optional<Moment> stopped_at_;
    bool ended_ = false;

    std::vector<pollfd> polled_;
    bool more_ = false;  ///< an input has more than was read
    std::vector<Frame> frames_;
    std::vector<Segment> delivered_;  ///< whose frames are in `frames_`
    std::vector<Segment> spare_;
    std::vector<Loss> losses_;
    std::vector<std::string> cut_offs_;
    std::vector<std::string> notices_;
    std::optional<base::Timestamp> clock_;
    Moment looked_at_;
    base::Timestamp looked_at_wall_;
    std::uint64_t octets_read_ = 0;
};

}  // namespace turnpike::capture
