// Waits for all inputs of a worker, and merges their frames by time.
#include "capture/live_source.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "turnpike/base/error.h"
#include "turnpike/base/time.h"

namespace turnpike::capture {
namespace {

using std::chrono::milliseconds;

// Frames read at once from an input: enough that a system call for each batch costs nothing, few
// enough that what was copied is still in the processor's cache when it is decoded.
constexpr std::size_t frames_read_at_once = 1024;

constexpr milliseconds look_interval{100};
constexpr milliseconds idle_wait{50};
constexpr milliseconds held_wait{5};

}  // namespace

LiveSource::LiveSource(std::vector<std::unique_ptr<LiveInput>> inputs, milliseconds hand_over,
                       std::shared_ptr<FrameCounter> counter)
    // The kernel's timer looks at every interval whether a block was there at the last one already:
    // a frame waits for two of them at most.
    : settled_(2 * hand_over + live_slack),
      counter_(std::move(counter)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      looked_at_(std::chrono::steady_clock::now()),
      looked_at_wall_(base::now()) {
    if (wake_ < 0) {
        throw base::Error(base::ExitStatus::cannot_open,
                          fmt::format("eventfd: {}", std::strerror(errno)));
    }
    for (auto& input : inputs) {
        Lane& lane = lanes_.emplace_back();
        lane.input = std::move(input);
        lane.empty_at = looked_at_;
    }
    polled_.resize(lanes_.size() + 1);
}

LiveSource::~LiveSource() {
    ::close(wake_);
}

void LiveSource::stop() noexcept {
    stop_.store(true, std::memory_order_relaxed);
    const std::uint64_t one = 1;
    // If it is full, the waiting thread wakes anyway.
    static_cast<void>(!::write(wake_, &one, sizeof one));
}

std::span<const Frame> LiveSource::next_batch() {
    frames_.clear();
    losses_.clear();
    recycle();
    if (ended_) {
        return {};
    }
    const Moment began = std::chrono::steady_clock::now();
    wait();
    const Moment now = std::chrono::steady_clock::now();
    const base::Timestamp wall = base::now();
    read_all(now);
    if (now - looked_at_ >= look_interval) {
        look_after_inputs(now);
    }
    const bool drained = stopped_at_ && drained_by(began - *stopped_at_);
    if (stop_.load(std::memory_order_relaxed) && !stopped_at_) {
        stopped_at_ = now;
    }
    // A worker to which nothing is dealt waits for the others' end.
    const bool all_gone = !lanes_.empty() && std::ranges::all_of(lanes_, [](const Lane& lane) {
        return lane.input->gone();
    });
    if (drained || all_gone) {
        look_after_inputs(now);
        ended_ = true;
    }
    merge(ended_);
    number_frames();
    advance_clock(now, wall);
    return frames_;
}

/// Whether what had arrived when `stop` was called was read, given how long before this round that
/// was noticed: the kernel still hands it over. Where frames come faster than they are read, there
/// is no end to wait for.
bool LiveSource::drained_by(Moment::duration since) const noexcept {
    constexpr int patience = 5;
    return since >= (more_ ? patience * settled_ : settled_);
}

/// Until an input has frames, `stop` is called or it is time to look after things. Fills in since
/// when inputs are empty.
void LiveSource::wait() {
    bool held = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        const Lane& lane = lanes_[i];
        held = held || !lane.waiting.empty();
        polled_[i] = {
            .fd = lane.full() ? -1 : lane.input->descriptor(), .events = POLLIN, .revents = 0};
    }
    // Once noticed, the eventfd stays readable and would never let us wait.
    polled_.back() = {.fd = stopped_at_ ? -1 : wake_, .events = POLLIN, .revents = 0};
    const milliseconds timeout = held || stopped_at_ ? held_wait : idle_wait;
    const Moment before = std::chrono::steady_clock::now();
    const int ready =
        ::poll(polled_.data(), polled_.size(), more_ ? 0 : static_cast<int>(timeout.count()));
    if (ready < 0) {
        std::ranges::for_each(polled_, [](pollfd& polled) { polled.revents = 0; });
        return;  // a signal; nothing is known about the inputs
    }
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        if (polled_[i].fd >= 0 && polled_[i].revents == 0) {
            lanes_[i].empty_at = before;
        }
    }
}

void LiveSource::recycle() {
    for (Segment& segment : delivered_) {
        segment->clear();
        spare_.push_back(std::move(segment));
    }
    delivered_.clear();
}

void LiveSource::read_all(Moment now) {
    more_ = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        constexpr int trouble = POLLERR | POLLHUP | POLLNVAL;
        if ((polled_[i].revents & trouble) != 0) {
            lanes_[i].input->check();
        }
        if (polled_[i].revents != 0) {
            read(lanes_[i], now);
        }
    }
}

void LiveSource::read(Lane& lane, Moment now) {
    if (spare_.empty()) {
        spare_.push_back(std::make_unique<LiveSegment>());
    }
    more_ = lane.read(spare_.back(), frames_read_at_once, now) || more_;
    if (spare_.back() == nullptr) {
        spare_.pop_back();
    }
}

/// Counters and states, which nobody reports unasked.
void LiveSource::look_after_inputs(Moment now) {
    const base::Timestamp wall = base::now();
    for (Lane& lane : lanes_) {
        lane.input->check();
        note_losses(lane, wall);
        for (auto& notice : lane.input->take_notices()) {
            notices_.push_back(std::move(notice));
        }
        if (lane.input->gone() && !std::exchange(lane.ended, true)) {
            if (auto cut_off = lane.input->cut_off(); !cut_off.empty()) {
                cut_offs_.push_back(std::move(cut_off));
            }
        }
    }
    looked_at_ = now;
    looked_at_wall_ = wall;
}

void LiveSource::note_losses(Lane& lane, base::Timestamp now) {
    const LostFrames lost = lane.input->lost();
    const std::uint64_t more = lost.total() - lane.lost.total();
    lane.lost = lost;
    if (more > 0) {
        // A clock that was set back meanwhile leaves no stretch of negative length.
        losses_.push_back({.from = std::min(looked_at_wall_, now), .to = now, .frames = more});
    }
}

LiveSource::Lane* LiveSource::earliest() noexcept {
    Lane* found = nullptr;
    for (Lane& lane : lanes_) {
        if (!lane.waiting.empty() &&
            (found == nullptr || lane.front().time < found->front().time)) {
            found = &lane;
        }
    }
    return found;
}

/// No other input can still bring an earlier frame than the first that waits in this one. Judged by
/// when frames were read, not by their time stamps: those may be of another clock, and a clock may
/// be set while we run.
bool LiveSource::may_pass(const Lane& lane) const noexcept {
    const Moment settled = lane.waiting.front()->read_at() + settled_;
    return std::ranges::all_of(lanes_, [&](const Lane& other) {
        return &other == &lane || !other.waiting.empty() || other.input->gone() ||
               other.empty_at >= settled;
    });
}

void LiveSource::merge(bool all) {
    for (Lane* lane = earliest(); lane != nullptr && (all || may_pass(*lane)); lane = earliest()) {
        deliver(*lane);
    }
}

/// The frames of the lane's first segment that come before those of all other lanes.
void LiveSource::deliver(Lane& lane) {
    std::optional<base::Timestamp> limit;
    for (const Lane& other : lanes_) {
        if (&other != &lane && !other.waiting.empty()) {
            const base::Timestamp time = other.front().time;
            limit = limit ? std::min(*limit, time) : time;
        }
    }
    LiveSegment& segment = *lane.waiting.front();
    do {
        frames_.push_back(segment.take());
        frames_.back().tap = static_cast<std::uint32_t>(&lane - lanes_.data());
        octets_read_ += frames_.back().bytes.size();
    } while (!segment.used_up() && (!limit || segment.front().time <= *limit));
    if (segment.used_up()) {
        lane.waiting_octets -= segment.octets();
        delivered_.push_back(std::move(lane.waiting.front()));
        lane.waiting.erase(lane.waiting.begin());
    }
}

void LiveSource::number_frames() {
    if (frames_.empty()) {
        return;
    }
    std::uint64_t number = counter_->fetch_add(frames_.size(), std::memory_order_relaxed);
    for (Frame& frame : frames_) {
        frame.number = ++number;
    }
}

void LiveSource::advance_clock(Moment now, base::Timestamp wall) {
    std::optional<base::Timestamp> bound;
    if (lanes_.empty()) {
        bound = wall - settled_;
    }
    for (const Lane& lane : lanes_) {
        if (lane.input->gone() && lane.waiting.empty()) {
            continue;
        }
        if (const auto own = lane.bound(now, wall, settled_)) {
            bound = bound ? std::min(*bound, *own) : own;
        }
    }
    // A little behind is but a lane that waits; far behind the clock has been set back.
    constexpr base::Duration set_back = std::chrono::seconds{5};
    if (bound && (!clock_ || *clock_ < *bound || *bound + set_back < *clock_)) {
        clock_ = bound;
    }
}

Drops LiveSource::drops() const noexcept {
    Drops sum{.known = true};
    for (const Lane& lane : lanes_) {
        const LostFrames lost = lane.input->last_lost();
        sum += {.known = true,
                .by_kernel = lost.by_kernel,
                .by_interface = lost.by_interface,
                .unplaced = 0};
    }
    return sum;
}

std::vector<std::string> LiveSource::take_notices() {
    return std::exchange(notices_, {});
}

std::string LiveSource::describe() const {
    std::vector<std::string> names;
    names.reserve(lanes_.size());
    for (const Lane& lane : lanes_) {
        names.push_back(lane.input->name());
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace turnpike::capture
