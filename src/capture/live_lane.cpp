// Keeps the frames of one input that wait for their turn, and bounds their memory.
#include "capture/live_lane.h"

#include <algorithm>
#include <utility>

namespace turnpike::capture {
namespace {

constexpr std::size_t most_waiting_octets = std::size_t{64} << 20U;
constexpr std::size_t most_waiting_segments = 1024;

}  // namespace

bool LiveLane::full() const noexcept {
    return waiting_octets >= most_waiting_octets || waiting.size() >= most_waiting_segments;
}

bool LiveLane::read(std::unique_ptr<LiveSegment>& segment, std::size_t most, Moment now) {
    input->read(*segment, most);
    const bool more = segment->size() >= most;
    if (!more) {
        empty_at = now;
    }
    if (segment->size() > 0) {
        last_read = std::chrono::steady_clock::now();
        last_time = segment->back().time;
        waiting_octets += segment->octets();
        segment->set_read_at(last_read);
        waiting.push_back(std::move(segment));
    }
    return more;
}

std::optional<base::Timestamp> LiveLane::bound(Moment now, base::Timestamp wall,
                                               std::chrono::milliseconds settled) const {
    if (!waiting.empty()) {
        return front().time - live_slack;
    }
    const base::Duration idle = now - empty_at + settled;
    if (input->keeps_host_time()) {
        const base::Timestamp by_wall = wall - idle;
        return last_time ? std::max(*last_time - live_slack, by_wall) : by_wall;
    }
    if (!last_time) {
        return std::nullopt;
    }
    // An adapter's own clock has gone on since its last frame as ours has.
    return *last_time + std::max<base::Duration>(now - last_read - idle, -live_slack);
}

}  // namespace turnpike::capture
