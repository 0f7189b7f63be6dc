// One of the things a live source reads: an interface, or a port on which mirrored frames arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/live_segment.h"
#include "turnpike/base/time.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

/// Counters of frames that were lost before this program saw them, since the start.
struct LostFrames {
    std::uint64_t by_kernel = 0;
    std::uint64_t by_interface = 0;

    [[nodiscard]] std::uint64_t total() const noexcept { return by_kernel + by_interface; }
};

/// Read by one thread; nothing blocks. No call opens a descriptor: the process is confined by then.
class LiveInput {
  public:
    LiveInput() = default;
    LiveInput(const LiveInput&) = delete;
    LiveInput& operator=(const LiveInput&) = delete;
    virtual ~LiveInput() = default;

    /// To be polled for input; -1 once the input is gone.
    [[nodiscard]] virtual int descriptor() const noexcept = 0;
    /// Copies at most `most` of the frames that wait into `segment`.
    virtual void read(LiveSegment& segment, std::size_t most) = 0;
    /// The descriptor reports an error, or it is time to look again.
    virtual void check() = 0;
    /// Asks the kernel for the counters of losses.
    virtual LostFrames lost() = 0;
    /// The last answer of `lost`.
    [[nodiscard]] virtual LostFrames last_lost() const noexcept = 0;

    /// No frame will come any more.
    [[nodiscard]] virtual bool gone() const noexcept = 0;
    /// What happened to it since this was last called, one line each.
    virtual std::vector<std::string> take_notices() = 0;
    /// What an input that is gone has to say; empty otherwise.
    [[nodiscard]] virtual std::string cut_off() const { return {}; }
    /// Its frames have the time of the host's clock, not that of an adapter's own.
    [[nodiscard]] virtual bool keeps_host_time() const noexcept { return true; }
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace turnpike::capture
