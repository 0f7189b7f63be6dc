// Reads, decodes and inspects the frames of one worker, and delivers a harvest every half
// second.
#include "app/live_worker.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <utility>

#include "turnpike/base/error.h"

namespace turnpike::app {
namespace {

// Workers harvest at the same times of the capture, so that what they hand over does not depend on
// how the packets were dealt.
constexpr std::chrono::milliseconds harvest_every{500};

// Nobody notices that a clock which steps back by less holds the harvests up.
constexpr std::chrono::seconds small_step{5};
constexpr std::chrono::seconds steps_apart{1};

base::Timestamp after(base::Timestamp time) {
    const auto since_1970 = time.time_since_epoch();
    return base::Timestamp{since_1970 - since_1970 % harvest_every + harvest_every};
}

}  // namespace

LiveWorker::LiveWorker(std::size_t number, capture::Source& source, const inspect::Options& options,
                       const InnerFilter* filter, PacketBudget& budget, Rounds& rounds)
    : number_(number),
      source_(source),
      inspector_(options),
      reader_(inspector_.placer(), filter),
      intake_(inspector_),
      budget_(budget),
      rounds_(rounds) {}

LiveWorker::~LiveWorker() {
    if (thread_.joinable()) {
        stop();
        thread_.join();
    }
}

void LiveWorker::start() {
    thread_ = std::thread([this] { run(); });
}

void LiveWorker::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

capture::Drops LiveWorker::drops() {
    const std::lock_guard lock(mutex_);
    return drops_;
}

std::vector<std::string> LiveWorker::take_notices() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notices_, {});
}

void LiveWorker::run() noexcept {
    try {
        watch();
    } catch (const std::bad_alloc&) {
        breaks_.emplace_back("out of memory; what was stored so far is kept");
    } catch (const std::exception& error) {
        breaks_.emplace_back(error.what());
    }
    try {
        finish();
    } catch (const std::exception&) {  // what it was has been said, or is about memory again
        breaks_.emplace_back("out of memory; what was stored so far is kept");
        rounds_.deliver(number_, next_harvest_, {}, true);  // or everybody waits for this worker
    }
}

void LiveWorker::finish() {
    for (const auto& line : source_.cut_offs()) {
        breaks_.push_back(line);
    }
    if (!breaks_.empty()) {
        inspector_.cut_off();
    }
    packets_.begin();
    reader_.end(packets_);
    intake_.take(packets_);
    inspector_.finish();
    deliver(next_harvest_, true);
}

void LiveWorker::watch() {
    while (!source_.ended() && !budget_.spent()) {
        auto frames = source_.next_batch();
        for (const auto& loss : source_.losses()) {
            inspector_.lost(loss.frames, loss.from, loss.to);
        }
        while (!frames.empty()) {
            harvest_until(frames.front().time);
            const std::size_t count = count_together(frames);
            take(frames.first(count));
            frames = frames.subspan(count);
        }
        if (const auto clock = source_.clock()) {
            harvest_until(*clock);
        }
    }
}

// Frames up to the next harvest, but no more than stay in the cache from decoding to inspection.
std::size_t LiveWorker::count_together(std::span<const capture::Frame> frames) const {
    constexpr std::size_t most = 256;
    const auto near = frames.first(std::min(frames.size(), most));
    const auto later = std::find_if(near.begin() + 1, near.end(), [this](const auto& frame) {
        return level(frame.time) >= next_harvest_;
    });
    return static_cast<std::size_t>(later - near.begin());
}

void LiveWorker::take(std::span<const capture::Frame> frames) {
    packets_.begin();
    reader_.read(frames.first(budget_.spend(frames.size())), packets_);
    reader_.finish(packets_);
    intake_.take(packets_);
}

// Who sets the clock back by an hour must not wait an hour for the next harvest. Two inputs whose
// clocks are far apart step back with every other frame: not each of those counts.
void LiveWorker::follow_clock(base::Timestamp now) {
    const base::Timestamp time = level(now);
    const auto here = std::chrono::steady_clock::now;
    if (time + small_step < next_harvest_) {
        if (here() >= next_step_) {
            stepped_back_ = next_harvest_ - now;
            next_step_ = here() + steps_apart;
        }
    } else if (stepped_back_ > base::Duration{} && next_harvest_ + small_step < time) {
        stepped_back_ = std::max(base::Duration{}, next_harvest_ - now);  // it was put right
    }
}

void LiveWorker::harvest_until(base::Timestamp now) {
    follow_clock(now);
    if (level(now) < next_harvest_) {
        return;
    }
    if (next_harvest_ != base::Timestamp{}) {
        deliver(next_harvest_, false);
    }
    next_harvest_ = after(level(now));
}

void LiveWorker::deliver(base::Timestamp until, bool final) {
    intake_.tell(reader_.hidden(), final);
    auto harvest = inspector_.harvest(until - stepped_back_);
    const auto drops = source_.drops();
    harvest.quality.dropped = drops.total();
    auto notices = source_.take_notices();
    {
        const std::lock_guard lock(mutex_);
        drops_ = drops;
        std::ranges::move(notices, std::back_inserter(notices_));
    }
    rounds_.deliver(number_, until, std::move(harvest), final);
}

}  // namespace turnpike::app
