// A media stream second by second, for plots. Bounded: a long stream gets longer intervals.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "turnpike/base/time.h"

namespace turnpike::facts {

/// Counters of equal intervals, of a second each at first. When there are too many, neighbours are
/// joined and every interval is twice as long.
class MediaSeconds {
  public:
    /// What arrived within one interval.
    struct Interval {
        std::uint32_t packets = 0;
        std::uint32_t bytes = 0;  ///< of the protocol that carries the media, with its header
        std::int32_t lost = 0;    ///< negative where late packets made good what was lost before
        std::optional<float> jitter_ms;  ///< at the end of the interval; nothing where unknown
    };
    /// Beyond so many, neighbours are joined: 4 minutes in seconds, 8 in steps of two seconds.
    static constexpr std::size_t most_intervals = 240;

    /// Counts packets that arrived at `at`. `lost` and `jitter_ms` are those of the whole stream up
    /// to now. What is older than the first packet counts for the first interval.
    void add(base::Timestamp at, std::uint32_t packets, std::uint32_t bytes, std::int64_t lost,
             std::optional<double> jitter_ms) {
        if (intervals_.empty()) {
            begin_ = std::chrono::floor<std::chrono::seconds>(at);
            intervals_.reserve(first_room);
        }
        auto index = at < begin_ ? 0 : static_cast<std::uint64_t>((at - begin_) / width_);
        while (index >= most_intervals) {
            join();
            index /= 2;
        }
        if (index >= intervals_.size()) {
            intervals_.resize(index + 1);
        }
        auto& interval = intervals_[index];
        interval.packets += packets;
        interval.bytes += bytes;
        interval.lost += static_cast<std::int32_t>(lost - lost_);
        lost_ = lost;
        if (jitter_ms) {
            interval.jitter_ms = static_cast<float>(*jitter_ms);
        }
    }

    /// When the first interval begins.
    [[nodiscard]] base::Timestamp begin() const noexcept { return begin_; }
    /// How long each interval is: 1, 2, 4 ... seconds.
    [[nodiscard]] std::chrono::seconds width() const noexcept { return width_; }
    /// In order of time without gaps: where nothing arrived, an interval of zeros.
    [[nodiscard]] const std::vector<Interval>& intervals() const noexcept { return intervals_; }

  private:
    // Many streams are short; in others few packets allocate.
    static constexpr std::size_t first_room = 16;

    void join() {
        for (std::size_t i = 0; i < intervals_.size(); ++i) {
            const auto from = intervals_[i];
            if (i % 2 == 0) {
                intervals_[i / 2] = from;
                continue;
            }
            auto& to = intervals_[i / 2];
            to.packets += from.packets;
            to.bytes += from.bytes;
            to.lost += from.lost;
            to.jitter_ms = from.jitter_ms ? from.jitter_ms : to.jitter_ms;
        }
        intervals_.resize((intervals_.size() + 1) / 2);
        width_ *= 2;
    }

    base::Timestamp begin_;
    std::chrono::seconds width_{1};
    std::int64_t lost_ = 0;
    std::vector<Interval> intervals_;
};

}  // namespace turnpike::facts
