// An input of a live source, and those of its frames that wait for their turn.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "capture/live_input.h"

namespace turnpike::capture {

/// Between the arrival of a frame and its place in the ring lies a queue of the processor that took
/// the interrupt; frames of several processors may pass each other by this much.
inline constexpr std::chrono::milliseconds live_slack{10};

struct LiveLane {
    using Moment = LiveSegment::Moment;

    std::unique_ptr<LiveInput> input;
    std::vector<std::unique_ptr<LiveSegment>> waiting;  ///< as they were read; none is used up
    std::size_t waiting_octets = 0;
    Moment empty_at;                           ///< nothing that was handed over by then is unread
    std::optional<base::Timestamp> last_time;  ///< of the last frame read
    Moment last_read;                          ///< when that was
    LostFrames lost;
    bool ended = false;  ///< it is gone, and that was reported

    /// Whether so much waits that the rest had better stay in the kernel's ring.
    [[nodiscard]] bool full() const noexcept;
    [[nodiscard]] const Frame& front() const noexcept { return waiting.front()->front(); }
    /// Reads at most `most` frames into `segment`, which is taken if there were any; whether there
    /// may be more. `now`: no later than this call.
    bool read(std::unique_ptr<LiveSegment>& segment, std::size_t most, Moment now);
    /// No frame of this input will have an earlier time; nothing if its clock is not known yet.
    /// `wall` is the host's clock at `now`; what arrived `settled` ago was handed over.
    [[nodiscard]] std::optional<base::Timestamp> bound(Moment now, base::Timestamp wall,
                                                       std::chrono::milliseconds settled) const;
};

}  // namespace turnpike::capture
