// Makes attempts on several threads, at a bounded rate, one at a time for each host.
#include "turnpike/probe/run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "probe/sockets.h"

namespace turnpike::probe {
namespace {

constexpr std::size_t most_at_a_time = 64;

/// What two attempts must not share at one time: a vendor's host; at the responder, one endpoint,
/// so that what it saw of each can be told apart.
std::string seat_of(const Attempt& attempt, const Ground& ground) {
    if (attempt.at_responder) {
        return (over_tcp(attempt.speech) ? "tcp " : "udp ") + base::to_string(attempt.to);
    }
    return ground.proxy && over_tcp(attempt.speech) ? attempt.name
                                                    : base::to_string(attempt.to.address);
}

class Schedule {
  public:
    Schedule(const std::vector<Attempt>& attempts, const Ground& ground,
             const std::function<void(std::size_t)>& done)
        : attempts_(attempts), ground_(ground), done_(done), made_(attempts.size()) {
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            waiting_.push_back(i);
        }
    }

    std::vector<Made> run() {
        {
            std::vector<std::jthread> threads;
            const auto count = std::min(attempts_.size(), most_at_a_time);
            threads.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                threads.emplace_back([this] { work(); });
            }
        }
        return std::move(made_);
    }

  private:
    void work() {
        while (const auto next = take()) {
            auto made = make(attempts_[*next], ground_);
            const std::lock_guard lock(mutex_);
            made_[*next] = std::move(made);
            taken_.erase(seat_of(attempts_[*next], ground_));
            freed_.notify_all();
            done_(*next);
        }
    }

    /// The next attempt whose host is free, when it may begin; nothing when all have begun.
    std::optional<std::size_t> take() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (waiting_.empty() || ground_.stopped()) {
                return std::nullopt;
            }
            const auto now = Clock::now();
            const auto free = std::ranges::find_if(waiting_, [this](std::size_t i) {
                return !taken_.contains(seat_of(attempts_[i], ground_));
            });
            if (free != waiting_.end() && now >= next_start_) {
                const auto chosen = *free;
                waiting_.erase(free);
                taken_.insert(seat_of(attempts_[chosen], ground_));
                next_start_ = now + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(1.0 / ground_.rate));
                return chosen;
            }
            constexpr std::chrono::milliseconds a_while{100};
            freed_.wait_until(lock, free == waiting_.end() ? now + a_while : next_start_);
        }
    }

    const std::vector<Attempt>& attempts_;
    const Ground& ground_;
    const std::function<void(std::size_t)>& done_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::size_t> waiting_;
    std::set<std::string> taken_;
    Clock::time_point next_start_ = Clock::now();
    std::vector<Made> made_;
};

}  // namespace

std::vector<Made> make_all(const std::vector<Attempt>& attempts, const Ground& ground,
                           const std::function<void(std::size_t)>& done) {
    return Schedule(attempts, ground, done).run();
}

}  // namespace turnpike::probe
