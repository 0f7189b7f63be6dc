// Frames copied out of the kernel's ring, with the memory they stand in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "turnpike/capture/frame.h"

namespace turnpike::capture {

/// What one reading of an input brought. libpcap gives a block of the ring back to the kernel as
/// soon as its last frame was handed out, so frames that have to live until the next call, or wait
/// for those of other interfaces, must be copied. The memory is kept when the segment is used
/// again.
class LiveSegment {
  public:
    using Moment = std::chrono::steady_clock::time_point;

    void clear() noexcept {
        frames_.clear();
        octets_ = 0;
        next_ = 0;
        chunk_ = 0;
        used_in_chunk_ = 0;
    }
    void set_read_at(Moment moment) noexcept { read_at_ = moment; }
    /// Room for a frame of `size` octets, uninitialised; `frame.bytes` is pointed at it.
    std::span<std::uint8_t> add(Frame frame, std::size_t size);
    /// A frame whose octets are copied.
    void add(const Frame& frame);

    [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }
    [[nodiscard]] std::size_t octets() const noexcept { return octets_; }
    /// When the reading was over: every frame in it arrived earlier.
    [[nodiscard]] Moment read_at() const noexcept { return read_at_; }

    [[nodiscard]] bool used_up() const noexcept { return next_ == frames_.size(); }
    [[nodiscard]] const Frame& front() const noexcept { return frames_[next_]; }
    [[nodiscard]] const Frame& back() const noexcept { return frames_.back(); }
    const Frame& take() noexcept { return frames_[next_++]; }

  private:
    /// Holds several of the longest frames there are (snap lengths end at 256 KiB, and libpcap adds
    /// a few octets of tag or cooked header).
    static constexpr std::size_t chunk_size = std::size_t{1} << 20U;

    std::vector<Frame> frames_;
    std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
    std::size_t chunk_ = 0;
    std::size_t used_in_chunk_ = 0;
    std::size_t octets_ = 0;
    std::size_t next_ = 0;
    Moment read_at_;
};

}  // namespace turnpike::capture
