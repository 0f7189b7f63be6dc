// Reads, decodes and inspects the frames of one worker, and delivers a harvest every half
// second.
#include "app/live_worker.h"

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
      intake_(inspector_, filter),
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
    inspector_.finish();
    deliver(next_harvest_, true);
}

void LiveWorker::watch() {
    while (!source_.ended() && !budget_.spent()) {
        const auto batch = source_.next_batch();
        for (const auto& loss : source_.losses()) {
            inspector_.lost(loss.frames, loss.from, loss.to);
        }
        for (const auto& frame : batch) {
            take(frame);
        }
        if (const auto clock = source_.clock()) {
            harvest_until(*clock);
        }
    }
}

void LiveWorker::take(const capture::Frame& frame) {
    harvest_until(frame.time);
    if (budget_.spend()) {
        intake_.take(frame);
    }
}

void LiveWorker::harvest_until(base::Timestamp now) {
    if (now < next_harvest_) {
        return;
    }
    if (next_harvest_ != base::Timestamp{}) {
        deliver(next_harvest_, false);
    }
    next_harvest_ = after(now);
}

void LiveWorker::deliver(base::Timestamp until, bool final) {
    intake_.tell_hidden(final);
    auto harvest = inspector_.harvest(until);
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
