// A worker hands over what it saw at the half seconds of the capture, and what happened to its
// source.
#include "app/live_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/scripted_source.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;
using support::at;
using test::Script;
using test::ScriptedSource;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LiveWorkerTest : public ::testing::Test {
  protected:
    /// Runs one worker to the end of its script.
    void run(ScriptedSource& source) {
        worker_ = std::make_unique<LiveWorker>(0, source, options(), nullptr, budget_, rounds_);
        worker_->start();
        worker_->join();
        while (auto round = rounds_.take(0ms)) {
            rounds_taken_.push_back(std::move(*round));
        }
        EXPECT_TRUE(rounds_.over());
    }
    static inspect::Options options() {
        inspect::Options options;
        options.harvested = true;
        options.shared_look_ahead = std::make_shared<inspect::LookAhead>();
        return options;
    }
    [[nodiscard]] const facts::CaptureQuality& quality() const {
        return rounds_taken_.back().harvests[0].quality;
    }
    [[nodiscard]] std::vector<std::pair<base::Timestamp, std::uint64_t>> told() const {
        std::vector<std::pair<base::Timestamp, std::uint64_t>> times;
        for (const auto& round : rounds_taken_) {
            times.emplace_back(round.until, round.harvests[0].quality.packets);
        }
        return times;
    }

    PacketBudget budget_{0};
    Rounds rounds_{1};
    std::unique_ptr<LiveWorker> worker_;
    std::vector<Round> rounds_taken_;
};

TEST_F(LiveWorkerTest, HarvestsAtTheHalfSecondsOfTheCapture) {
    ScriptedSource source(Script{{.frames = {0.1, 0.3}}, {.frames = {0.6, 1.7}}});
    run(source);
    EXPECT_THAT(told(),
                ElementsAre(std::pair(at(0.5), 2U), std::pair(at(1), 3U), std::pair(at(2), 4U)));
}

TEST_F(LiveWorkerTest, TakesAllOfALargeBatch) {
    Script script(1);
    for (int i = 0; i < 1'000; ++i) {
        script[0].frames.push_back(0.001 * i);
    }
    script[0].frames.push_back(0.2);  // the clock of a capture may step back
    ScriptedSource source(script);
    run(source);
    EXPECT_THAT(told(), ElementsAre(std::pair(at(0.5), 500U), std::pair(at(1), 1'001U)));
}

TEST_F(LiveWorkerTest, HarvestsWhileNothingArrives) {
    ScriptedSource source(Script{{.frames = {0.1}}, {.clock = 0.7}, {.clock = 1.1}});
    run(source);
    EXPECT_THAT(told(),
                ElementsAre(std::pair(at(0.5), 1U), std::pair(at(1), 1U), std::pair(at(1.5), 1U)));
}

TEST_F(LiveWorkerTest, GoesOnHarvestingWhenTheClockIsSetBack) {
    ScriptedSource source(Script{{.frames = {7200.1}}, {.frames = {0.2, 0.3}}, {.frames = {1.4}}});
    run(source);
    EXPECT_THAT(told(), ElementsAre(std::pair(at(7200.5), 1U), std::pair(at(7201), 3U),
                                    std::pair(at(7202), 4U)));
}

TEST_F(LiveWorkerTest, GoesOnHarvestingWhenTheClockIsPutRightAgain) {
    ScriptedSource source(Script{{.frames = {7200.1}}, {.frames = {0.2}}, {.frames = {7205.2}}});
    run(source);
    EXPECT_THAT(told(), ElementsAre(std::pair(at(7200.5), 1U), std::pair(at(7201), 2U),
                                    std::pair(at(7205.5), 3U)));
}

TEST_F(LiveWorkerTest, EndsWithTheFirstBatchThatSpendsTheBudget) {
    PacketBudget budget(3);
    ScriptedSource source(
        Script{{.frames = {0.1, 0.2}}, {.frames = {0.3, 0.4}}, {.frames = {0.5}}});
    LiveWorker worker(0, source, options(), nullptr, budget, rounds_);
    worker.start();
    worker.join();
    EXPECT_EQ(rounds_.take(0ms)->harvests[0].quality.packets, 3U);
    EXPECT_TRUE(rounds_.over());
    EXPECT_TRUE(budget.spent());
    EXPECT_THAT(worker.breaks(), IsEmpty());
}

TEST_F(LiveWorkerTest, AFailureOfTheSourceKeepsWhatCameBefore) {
    ScriptedSource source(Script{{.frames = {0.1, 0.2}}, {.failure = "eth0: went up in smoke"}});
    run(source);
    EXPECT_THAT(worker_->breaks(), ElementsAre("eth0: went up in smoke"));
    EXPECT_EQ(quality().packets, 2U);
    EXPECT_TRUE(quality().cut_off);
}

TEST_F(LiveWorkerTest, ASourceThatEndsByItselfSaysWhy) {
    ScriptedSource source(Script{{.frames = {0.1}}});
    source.cut_off("eth0: the interface is gone");
    run(source);
    EXPECT_THAT(worker_->breaks(), ElementsAre("eth0: the interface is gone"));
}

TEST_F(LiveWorkerTest, ASourceThatWasStoppedHasNothingToExplain) {
    ScriptedSource source(Script{{.frames = {0.1}}, {.frames = {0.2}}});
    source.stop();
    run(source);
    EXPECT_THAT(worker_->breaks(), IsEmpty());
    EXPECT_EQ(quality().packets, 0U);
    EXPECT_FALSE(quality().cut_off);
}

TEST_F(LiveWorkerTest, PassesOnWhatTheSourceCountsAndNotices) {
    const capture::Drops drops{.known = true, .by_kernel = 5, .by_interface = 2, .unplaced = 1};
    ScriptedSource source(Script{{.frames = {0.1, 0.7}, .notices = {"eth0: down"}, .drops = drops},
                                 {.frames = {0.8}, .drops = drops}});
    run(source);
    EXPECT_EQ(worker_->drops(), drops);
    EXPECT_EQ(quality().dropped, 8U);
    EXPECT_THAT(worker_->take_notices(), ElementsAre("eth0: down"));
    EXPECT_THAT(worker_->take_notices(), IsEmpty());
}

TEST_F(LiveWorkerTest, TheInspectorHearsOfLosses) {
    ScriptedSource source(
        Script{{.frames = {0.1}}, {.frames = {0.3}, .losses = {{at(0.1), at(0.3), 4}}}});
    run(source);
    ASSERT_FALSE(quality().losses.empty());
    EXPECT_GE(quality().losses.front().from, at(0.1));
    EXPECT_LE(quality().losses.back().to, at(0.3));
}

TEST_F(LiveWorkerTest, CountsFramesThatItCannotDecode) {
    constexpr std::uint32_t user0 = 147;
    ScriptedSource source(Script{{.frames = {0.1, 0.2}}}, user0);
    run(source);
    EXPECT_EQ(worker_->intake().unknown_link_types().at(user0), 2U);
    EXPECT_EQ(quality().packets, 2U);
}

TEST_F(LiveWorkerTest, ThatNobodyJoinsEndsWithItsOwner) {
    ScriptedSource source(Script(100'000));
    {
        LiveWorker worker(0, source, options(), nullptr, budget_, rounds_);
        worker.start();
    }
    EXPECT_TRUE(source.stopped());
}

TEST(PacketBudget, IsSharedAndNeverOverspent) {
    PacketBudget budget(1'000);
    std::atomic<std::size_t> taken = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 100; ++j) {
                taken += budget.spend(7);  // 1,000 is no multiple of it
            }
        });
    }
    threads.clear();
    EXPECT_EQ(taken, 1'000U);
    EXPECT_TRUE(budget.spent());
}

TEST(PacketBudget, OfNoneHasNoEnd) {
    PacketBudget budget(0);
    EXPECT_EQ(budget.spend(5), 5U);
    EXPECT_FALSE(budget.spent());
}

}  // namespace
}  // namespace turnpike::app
