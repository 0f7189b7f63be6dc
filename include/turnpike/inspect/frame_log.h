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

/// Counts frames in the order of capture and follows the clock. What every frame takes is in this
/// header: there are as many as packets.
class FrameLog {
  public:
    /// Writes the counters of frames, `first`, `last` and `recordings`, which must outlive it.
    explicit FrameLog(facts::CaptureQuality& quality) noexcept : quality_(quality) {}

    /// `captured` octets is less than `on_wire` if the frame was cut.
    void add(base::Timestamp time, std::uint64_t number, std::uint32_t captured,
             std::uint32_t on_wire, Tap tap) {
        constexpr base::Duration clock_step = std::chrono::milliseconds{1};
        // Busy captures have no such pause, and in others lost data beside one is rare.
        constexpr base::Duration hole = std::chrono::milliseconds{300};
        const facts::PacketMark at{number, within_bounds(time)};
        const base::Duration since_last = at.time - quality_.last.time;
        ++quality_.packets;
        quality_.bytes += on_wire;
        quality_.cut += captured < on_wire ? 1 : 0;
        if (!quality_.first) {
            quality_.first = at;
        } else if (since_last < -clock_step) {
            ++quality_.backward_steps;
        }
        if (since_last >= hole) {
            last_hole_ = {quality_.last.time, at.time};
        }
        quality_.last = at;
        if (tap.number != tap_ || !goes_on(at.time)) {
            begin_stretch(tap, at.time);
        }
    }
    /// Flows of recording `before` went on in recording `now`.
    void note_same_flows(std::uint32_t before, std::uint32_t now);
    /// The last time in which nothing was captured.
    [[nodiscard]] const facts::Stretch& last_hole() const noexcept { return last_hole_; }

  private:
    /// Whether this belongs to the stretch of the last frame, which then reaches as far.
    bool goes_on(base::Timestamp time) noexcept {
        if (stretch_ == nullptr || time > stretch_->to + facts::Recording::silence ||
            time < stretch_->from - facts::Recording::silence) {
            return false;
        }
        stretch_->from = std::min(stretch_->from, time);
        stretch_->to = std::max(stretch_->to, time);
        return true;
    }
    void begin_stretch(Tap tap, base::Timestamp time);

    facts::CaptureQuality& quality_;
    facts::Stretch last_hole_;
    std::uint32_t tap_ = 0;              ///< of the last frame
    facts::Stretch* stretch_ = nullptr;  ///< the last one of that tap
};

}  // namespace turnpike::inspect
