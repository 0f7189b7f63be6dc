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

    /// Of one frame. `captured` octets is less than `on_wire` if the frame was cut.
    FrameRun(base::Timestamp time, std::uint64_t number, std::uint32_t captured,
             std::uint32_t on_wire, Tap tap) noexcept
        : tap_(tap),
          first_{number, within_bounds(time)},
          last_(first_),
          span_{first_.time, first_.time},
          octets_(on_wire),
          cut_(captured < on_wire ? 1U : 0U) {}

    /// Takes the next frames in, if they belong here.
    bool extend(const FrameRun& next) noexcept {
        const base::Duration since_last = next.first_.time - last_.time;
        if (next.tap_.number != tap_.number || since_last >= hole || since_last < -clock_step) {
            return false;
        }
        last_ = next.last_;
        span_ = {std::min(span_.from, next.span_.from), std::max(span_.to, next.span_.to)};
        frames_ += next.frames_;
        octets_ += next.octets_;
        cut_ += next.cut_;
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
