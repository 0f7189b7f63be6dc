// The main loop of a live run: takes rounds, judges, shows and stores, each at its own pace.
#include "app/live_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "app/live_database.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;

constexpr auto turn_every = 100ms;
constexpr int rest_after_judging = 3;  // times as long as it took
// Whoever presses ^C waits two seconds at most.
constexpr auto last_store_patience = 1200ms;

}  // namespace

LiveRun::LiveRun(std::vector<std::unique_ptr<LiveWorker>>& workers, Rounds& rounds,
                 const inspect::LookAhead& look_ahead, LiveJudgement& judgement,
                 LiveDatabase& database, LiveState& state, Hooks hooks, bool every_round)
    : workers_(workers),
      rounds_(rounds),
      look_ahead_(look_ahead),
      judgement_(judgement),
      database_(database),
      state_(state),
      hooks_(std::move(hooks)),
      every_round_(every_round) {}

bool LiveRun::run() {
    for (const auto& worker : workers_) {
        worker->start();
    }
    while (!rounds_.over()) {
        if (auto round = rounds_.take(turn_every)) {
            accept(std::move(*round));
        }
        if (hooks_.each_turn) {
            hooks_.each_turn();
        }
        // At the end all that waits is judged once.
        if (news_ && !stopping_ && may_judge()) {
            turn();
        }
    }
    for (const auto& worker : workers_) {
        worker->join();
    }
    if (opening_) {
        judgement_.accept(*opening_);
    }
    judgement_.judge(false);
    publish();
    return store_last();
}

void LiveRun::stop() noexcept {
    stopping_ = true;
    for (const auto& worker : workers_) {
        worker->stop();
    }
}

// While the workers look ahead, flows that began together come in different rounds: they are taken
// as one, so that their order is that of time.
void LiveRun::accept(Round&& round) {
    news_ = true;  // notices and drops at least, before the first packet too
    if (!opened_) {
        if (opening_) {
            merge(*opening_, std::move(round));
        } else {
            opening_ = std::move(round);
        }
        const auto end = look_ahead_.end();
        opened_ = end && opening_->until > *end;
        if (!opened_) {
            return;
        }
        round = std::move(*opening_);
        opening_.reset();
    }
    judgement_.accept(round);
}

bool LiveRun::may_judge() const {
    return every_round_ || judgement_.is_due() ||
           Clock::now() - judged_ >= judging_took_ * rest_after_judging;
}

void LiveRun::turn() {
    const auto begin = Clock::now();
    judgement_.judge();
    publish();
    judged_ = Clock::now();
    judging_took_ = judged_ - begin;
}

void LiveRun::publish() {
    news_ = false;
    auto& state = state_.state();
    state_.update(judgement_, drops(), hooks_.resident_octets ? hooks_.resident_octets() : 0);
    state.notices = std::exchange(notices_, {});
    for (const auto& worker : workers_) {
        std::ranges::move(worker->take_notices(), std::back_inserter(state.notices));
    }
    store();
    state.trouble = database_.trouble();
    if (hooks_.show) {
        hooks_.show(state);
    }
}

void LiveRun::store() {
    const bool was_well = database_.trouble().empty();
    if (was_well) {
        lost_before_ = judgement_.flows_unstored();
    }
    const bool is_well = database_.store(judgement_);
    if (is_well) {
        std::ranges::move(database_.rotate(judgement_), std::back_inserter(notices_));
    }
    if (!was_well && is_well) {
        notices_.emplace_back("the database takes everything again; nothing of it was lost");
        if (const auto lost = judgement_.flows_unstored() - lost_before_; lost > 0) {
            notices_.back() = fmt::format(
                "the database takes everything again; {} flows were lost meanwhile", lost);
        }
    }
}

bool LiveRun::store_last() {
    const auto deadline = Clock::now() + last_store_patience;
    while (!database_.trouble().empty()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(turn_every);
        judgement_.judge(false);
        store();
    }
    return true;
}

capture::Drops LiveRun::drops() const {
    capture::Drops sum;
    for (const auto& worker : workers_) {
        const auto drops = worker->drops();
        sum.known = sum.known || drops.known;
        sum += drops;
    }
    return sum;
}

}  // namespace turnpike::app
