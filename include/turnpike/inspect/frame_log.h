// What frames tell of a capture before anybody looks into them: how many there are, how long each
// recording went on, and where nothing was captured.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"

namespace turnpike::inspect {

/// Where a frame was captured.
struct Tap {
    std::uint32_t number = 0;     ///< of the file or interface, among those of the observation
    std::uint32_t link_type = 0;  ///< LINKTYPE_ value
};

/// The bounds of time: a damaged file may claim any. Between them differences and sums cannot
/// overflow. 1970 and 2116.
inline constexpr base::Timestamp earliest = base::from_nanoseconds(0);
/// The later of the two.
inline constexpr base::Timestamp latest =
    base::from_nanoseconds(std::numeric_limits<std::int64_t>::max() / 2);

/// The time as an Inspector takes it: not before 1970 and not after 2116.
[[nodiscard]] constexpr base::Timestamp within_bounds(base::Timestamp time) noexcept {
    return std::clamp(time, earliest, latest);
}

/// Frames of one recording that follow each other without a pause or a step back of the clock:
/// nearly all of a capture, so that whoever takes its frames apart on another thread hands over few
/// of these.
class FrameRun {
  public:
    /// The clock may step back so little between packets that overtook each other.
    static constexpr base::Duration clock_step = std::chrono::milliseconds{1};
    /// Busy captures have no such pause, and in others lost data beside one is rare.
    static constexpr base::Duration hole = std::chrono::milliseconds{300};

    /// A frame. `captured` octets is less than `on_wire` if it was cut.
    struct Frame {
        base::Timestamp time;
        std::uint64_t number = 0;
        std::uint32_t captured = 0;
        std::uint32_t on_wire = 0;
        Tap tap;
    };

    /// Of one frame.
    explicit FrameRun(const Frame& frame) noexcept
        : tap_(frame.tap),
          first_{frame.number, within_bounds(frame.time)},
          last_(first_),
          span_{first_.time, first_.time},
          octets_(frame.on_wire),
          cut_(frame.captured < frame.on_wire ? 1U : 0U) {}

    /// Takes the next frame in, if it belongs here.
    bool extend(const Frame& next) noexcept {
        const base::Timestamp time = within_bounds(next.time);
        const base::Duration since_last = time - last_.time;
        if (next.tap.number != tap_.number || since_last >= hole || since_last < -clock_step) {
            return false;
        }
        last_.number = next.number;
        last_.time = time;
        span_.from = std::min(span_.from, time);
        span_.to = std::max(span_.to, time);
        ++frames_;
        octets_ += next.on_wire;
        cut_ += next.captured < next.on_wire ? 1U : 0U;
        return true;
    }

    [[nodiscard]] Tap tap() const noexcept { return tap_; }
    [[nodiscard]] const facts::PacketMark& first() const noexcept { return first_; }
    [[nodiscard]] const facts::PacketMark& last() const noexcept { return last_; }
    /// The earliest and the latest time.
    [[nodiscard]] const facts::Stretch& span() const noexcept { return span_; }
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// On the wire.
    [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
    /// How many were cut.
    [[nodiscard]] std::uint64_t cut() const noexcept { return cut_; }

  private:
    Tap tap_;
    facts::PacketMark first_;
    facts::PacketMark last_;
    facts::Stretch span_;
    std::uint64_t frames_ = 1;
    std::uint64_t octets_;
    std::uint64_t cut_;
};

/// Counts frames in the order of capture and follows the clock.
class FrameLog {
  public:
    /// Writes the counters of frames, `first`, `last` and `recordings`, which must outlive it.
    explicit FrameLog(facts::CaptureQuality& quality) noexcept : quality_(quality) {}

    /// The frames that come next.
    void add(const FrameRun& run);
    /// Flows of recording `before` went on in recording `now`.
    void note_same_flows(std::uint32_t before, std::uint32_t now);
    /// The last time in which nothing was captured.
    [[nodiscard]] const facts::Stretch& last_hole() const noexcept { return last_hole_; }

  private:
    /// Whether this belongs to the stretch of the last frame, which then reaches as far.
    bool goes_on(const FrameRun& run) noexcept;
    void begin_stretch(const FrameRun& run);

    facts::CaptureQuality& quality_;
    facts::Stretch last_hole_;
    std::uint32_t tap_ = 0;              ///< of the last frame
    facts::Stretch* stretch_ = nullptr;  ///< the last one of that tap
};

}  // namespace turnpike::inspect
