// What a live run knows from second to second: verdicts follow the clock, sums stay whole while
// flows leave memory, and what is not stored yet stays pending.
#include "app/live_judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/live_world.h"

namespace turnpike::app {
namespace {

using support::at;
using test::requirement;
using test::round_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using verdict::BlockReason;
using verdict::InconclusiveReason;
using verdict::Status;

class LiveJudgementTest : public ::testing::Test {
  protected:
    void second(double until, bool ended = false) {
        auto round = round_of(built_.observation, until, ended);
        judgement_.accept(round);
        judgement_.judge();
    }
    /// Time goes on, and only other packets come.
    void others(double until) {
        built_.goes_on_until(until);
        silence(until);
    }
    /// Time goes on and no packet comes.
    void silence(double until) {
        auto round = round_of({}, until);
        round.harvests[0].quality = built_.observation.quality;
        round.harvests[0].flows_followed = built_.observation.flows.size();
        judgement_.accept(round);
        judgement_.judge();
    }
    void store() { judgement_.stored(judgement_.pending()); }
    [[nodiscard]] std::uint64_t judged() const {
        const auto counts = judgement_.counts();
        return counts.passed + counts.blocked + counts.inconclusive;
    }

    test::CatalogFolder folder_;
    support::ObservationBuilder built_;
    LiveJudgement judgement_{folder_.load(), false};
};

TEST_F(LiveJudgementTest, SilenceBecomesABlockWhenItHasLastedLongEnough) {
    built_.ice("203.0.113.9", 3478, 0, false);
    second(3.5);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::inconclusive);
    others(20);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::blocked);
    EXPECT_EQ(requirement(judgement_, "media").reason, BlockReason::udp_timeout);
}

TEST_F(LiveJudgementTest, AnInterfaceOfWhichNothingComesShowsNoSilence) {
    built_.ice("203.0.113.9", 3478, 0, false);
    second(3.5);
    silence(20);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::inconclusive);
    EXPECT_EQ(requirement(judgement_, "media").inconclusive, InconclusiveReason::waiting);
    others(30);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::blocked);
}

TEST_F(LiveJudgementTest, NothingHasEndedWhileTheCaptureGoesOn) {
    built_.ice("203.0.113.9", 3478, 0, false);
    second(3.5);
    EXPECT_EQ(requirement(judgement_, "media").inconclusive, InconclusiveReason::waiting);
    EXPECT_EQ(judgement_.result().flows[0].inconclusive, InconclusiveReason::waiting);
    judgement_.judge(false);
    EXPECT_EQ(requirement(judgement_, "media").inconclusive, InconclusiveReason::capture_ended);
    EXPECT_EQ(judgement_.result().flows[0].inconclusive, InconclusiveReason::capture_ended);
}

TEST_F(LiveJudgementTest, WhatSilenceBlockedStaysBlockedWhileTheClientAsksOn) {
    auto& flow = built_.ice("203.0.113.9", 3478, 0, false);  // sent again after a second
    second(3.5);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::inconclusive);
    for (int i = 5; i < 120; i += 5) {
        support::ObservationBuilder::count(flow.client(), built_.mark(i), true);
        second(i + 0.5);
        EXPECT_EQ(requirement(judgement_, "media").status, Status::blocked) << i;
        EXPECT_EQ(requirement(judgement_, "media").blocked, 1U) << i;
    }
}

TEST_F(LiveJudgementTest, ABlockThatFallsIntoALossIsWithheld) {
    built_.ice("203.0.113.9", 3478, 0, false);
    built_.observation.quality.losses.push_back({at(2), at(2)});
    built_.observation.quality.dropped = 9;
    built_.goes_on_until(19);
    second(20);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::inconclusive);
    EXPECT_EQ(requirement(judgement_, "media").inconclusive, InconclusiveReason::capture_loss);
}

TEST_F(LiveJudgementTest, OnlyWhatChangedIsPending) {
    built_.ice("203.0.113.9", 3478, 0, false);
    second(3.5);
    EXPECT_THAT(judgement_.pending().facts.flows, ElementsAre(0));
    EXPECT_THAT(judgement_.pending().verdicts, ElementsAre(0));
    store();
    EXPECT_THAT(judgement_.pending().facts.flows, IsEmpty());
    EXPECT_THAT(judgement_.pending().verdicts, IsEmpty());
    others(20);
    EXPECT_THAT(judgement_.pending().facts.flows, IsEmpty());
    EXPECT_THAT(judgement_.pending().verdicts, ElementsAre(0)) << "blocked by now";
}

TEST_F(LiveJudgementTest, WhatCouldNotBeStoredStaysPending) {
    built_.ice("203.0.113.9", 3478, 0, false);
    second(3.5);
    judgement_.not_stored();
    silence(5);
    EXPECT_THAT(judgement_.pending().facts.flows, ElementsAre(0));
    EXPECT_THAT(judgement_.pending().verdicts, ElementsAre(0));
    EXPECT_EQ(judgement_.flows_unstored(), 0U);
}

TEST_F(LiveJudgementTest, AFlowEndsOnce) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    second(1);
    EXPECT_THAT(judgement_.take_finished(), IsEmpty());
    second(2, true);
    EXPECT_THAT(judgement_.take_finished(), ElementsAre(0));
    EXPECT_THAT(judgement_.take_finished(), IsEmpty());
    EXPECT_EQ(judgement_.flows_finished(), 1U);
    EXPECT_EQ(judgement_.flows_followed(), 0U);
}

TEST_F(LiveJudgementTest, SumsStayWholeWhenFlowsLeaveMemory) {
    constexpr std::size_t visits = 50;
    built_.ice("203.0.113.9", 3478, 0, false);
    for (std::size_t i = 0; i < visits; ++i) {
        built_.connection("198.51.100.1", 443, "www.example.org", static_cast<double>(i) / 10);
    }
    second(6, true);
    EXPECT_EQ(judged(), visits + 1);
    others(20);
    store();
    silence(5'000);
    store();
    EXPECT_LT(judgement_.observation().flows.size(), visits);
    EXPECT_EQ(judgement_.result().flows.size(), judgement_.observation().flows.size());
    EXPECT_EQ(judged(), visits + 1);
    EXPECT_EQ(judgement_.counts().passed, visits);
    silence(5'001);
    EXPECT_EQ(judged(), visits + 1);
    EXPECT_EQ(requirement(judgement_, "media").status, Status::blocked);
    EXPECT_EQ(requirement(judgement_, "media").blocked, 1U) << "counted once";
}

TEST_F(LiveJudgementTest, ANewDatabaseBeginsWithWhatGoesOn) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    built_.observation.quality.bytes = 5'000;
    built_.observation.quality.problems = {{"dns", "cut off", 3}, {"tls", "cut off", 1}};
    second(1, true);
    built_.ice("203.0.113.9", 3478, 1, true);
    auto round = round_of({}, 2);
    round.harvests[0].flows.push_back({built_.observation.flows[1], false});
    round.harvests[0].quality = built_.observation.quality;
    round.harvests[0].flows_followed = 1;
    judgement_.accept(round);
    judgement_.judge();
    store();
    judgement_.restart();
    judgement_.judge();
    ASSERT_EQ(judgement_.observation().flows.size(), 1U);
    EXPECT_EQ(judgement_.observation().flows[0].transport, facts::Transport::udp);
    EXPECT_EQ(judgement_.observation().flows[0].id, 1U);
    EXPECT_THAT(judgement_.pending().facts.flows, ElementsAre(0));
    EXPECT_THAT(judgement_.pending().verdicts, ElementsAre(0));
    EXPECT_EQ(judged(), 1U);
    EXPECT_EQ(judgement_.quality().packets, 0U);
    EXPECT_EQ(judgement_.quality().bytes, 0U);
    EXPECT_THAT(judgement_.quality().problems, IsEmpty());
    EXPECT_EQ(requirement(judgement_, "signaling").status, Status::unmatched)
        << "that is told in the database before";
}

TEST_F(LiveJudgementTest, AfterThatOnlyWhatIsNewCounts) {
    built_.observation.quality.problems = {{"dns", "cut off", 3}};
    built_.goes_on_until(1);
    second(1);
    judgement_.restart();
    built_.goes_on_until(2);
    built_.goes_on_until(2.5);
    built_.observation.quality.problems = {{"dns", "cut off", 5}};
    second(3);
    const auto quality = judgement_.quality();
    EXPECT_EQ(quality.packets, 2U);
    ASSERT_EQ(quality.problems.size(), 1U);
    EXPECT_EQ(quality.problems[0].count, 2U);
    EXPECT_EQ(quality.first.time, at(1)) << "where the run before it ended";
    EXPECT_EQ(quality.last.time, at(3));
}

}  // namespace
}  // namespace turnpike::app
