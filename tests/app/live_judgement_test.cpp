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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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

TEST_F(LiveJudgementTest, TheLastPacketIsNoLaterForTimeThatGoesOnWithoutPackets) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    built_.goes_on_until(2);
    const auto last = built_.observation.quality.last;
    silence(9);
    EXPECT_EQ(judgement_.quality().last.time, last.time);
    EXPECT_EQ(judgement_.observation().quality.last.time, support::at(9));
}

TEST_F(LiveJudgementTest, ANewDatabaseTellsOfWhatGoesOn) {
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
    EXPECT_THAT(judgement_.pending().facts.flows, IsEmpty());
    EXPECT_THAT(judgement_.pending().verdicts, IsEmpty());
    EXPECT_EQ(judged(), 0U);
    EXPECT_EQ(judgement_.quality().packets, 0U);
    EXPECT_EQ(judgement_.quality().bytes, 0U);
    EXPECT_THAT(judgement_.quality().problems, IsEmpty());
    EXPECT_EQ(requirement(judgement_, "signaling").status, Status::unmatched)
        << "that is told in the database before";
    round = round_of({}, 3);
    support::ObservationBuilder::count(built_.observation.flows[1].server(), built_.mark(2.5),
                                       true);
    round.harvests[0].flows.push_back({built_.observation.flows[1], false});
    round.harvests[0].quality = built_.observation.quality;
    judgement_.accept(round);
    judgement_.judge();
    EXPECT_EQ(requirement(judgement_, "media").status, Status::observed);
    EXPECT_EQ(requirement(judgement_, "signaling").status, Status::observed) << "of the same call";
    EXPECT_THAT(judgement_.pending().facts.flows, ElementsAre(0, 1));
    EXPECT_THAT(judgement_.pending().verdicts, ElementsAre(0, 1));
    EXPECT_EQ(judged(), 2U);
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
    EXPECT_EQ(quality.last.time, at(2.5));
}

// ---- a call whose preferred way is blocked, and a database that begins after it

constexpr std::string_view rules_with_a_fallback = R"(          - id: signaling
            purpose: signaling
            ports: {tcp: [443]}
            names: "*.acme.example.com"
            expects: [tls]
          - id: udp
            purpose: relay over UDP
            ports: {udp: [3478]}
            networks: [203.0.113.0/24]
            expects: [turn]
            alternative: {group: media, branch: udp, preference: 1}
          - id: tls
            purpose: relay over TLS
            ports: {tcp: [8443]}
            names: "*.relay.example.com"
            expects: [turns]
            alternative: {group: media, branch: tls, preference: 2}
)";

class ANewDatabase : public LiveJudgementTest {
  protected:
    ANewDatabase() {
        folder_.write(test::catalog_of(rules_with_a_fallback));
        judgement_.use(folder_.load());
        built_.connection("203.0.113.1", 443, "x.acme.example.com", 0);
        built_.ice("203.0.113.9", 3478, 1, false);
        auto& relayed = built_.connection("198.51.100.7", 8443, "eu.relay.example.com", 5);
        for (int i = 0; i < 60; ++i) {
            for (auto& end : relayed.ends) {
                support::ObservationBuilder::count(end, built_.mark(6 + i / 6.0), true);
                end.bytes += 1'000;
            }
        }
    }
    /// All that was built was seen; of that the flows in `ended` are over.
    void seen(double until, std::vector<std::size_t> ended = {}) {
        built_.goes_on_until(until);
        auto round = round_of(built_.observation, until);
        for (const auto i : ended) {
            round.harvests[0].flows[i].ended = true;
        }
        judgement_.accept(round);
        judgement_.judge();
        store();
    }
    /// Only these flows have packets or end.
    void news(double until, std::vector<inspect::HarvestedFlow> flows) {
        auto round = round_of({}, until);
        round.harvests[0].flows = std::move(flows);
        round.harvests[0].quality = built_.observation.quality;
        judgement_.accept(round);
        judgement_.judge();
    }
    void rotate() {
        judgement_.judge(false);
        store();
        judgement_.restart();
        judgement_.judge();
    }
    [[nodiscard]] std::string headline() const {
        const auto& list = judgement_.result().headlines;
        return list.empty() ? "" : list[0].headline;
    }
    facts::Flow& asks_on(double when) {
        auto& flow = built_.observation.flows[1];
        support::ObservationBuilder::datagram(flow, flow.client_side, built_.mark(when));
        return flow;
    }
};

TEST_F(ANewDatabase, ClaimsNothingWithoutAPacket) {
    seen(20, {0, 2});
    EXPECT_THAT(headline(), HasSubstr("works, but over the fallback"));
    EXPECT_EQ(requirement(judgement_, "udp").grade, verdict::Grade::b);
    rotate();
    for (const double until : {21.0, 40.0, 100.0}) {
        silence(until);
        EXPECT_EQ(headline(), "");
        for (const auto* rule : {"signaling", "udp", "tls"}) {
            EXPECT_EQ(requirement(judgement_, rule).status, Status::unmatched) << rule;
        }
        EXPECT_EQ(judged(), 0U);
        EXPECT_THAT(judgement_.pending().facts.flows, IsEmpty());
        EXPECT_THAT(judgement_.pending().verdicts, IsEmpty());
    }
    news(130, {{built_.observation.flows[1], true}});
    EXPECT_EQ(headline(), "") << "that a flow ends is no packet";
}

TEST_F(ANewDatabase, TellsWhatABlockRestsOnWhenTheClientAsksOn) {
    seen(20, {0, 2});
    const auto control = judgement_.result().flows[1].control;
    EXPECT_NE(control, 0U);
    rotate();
    news(31, {{asks_on(30), false}});
    EXPECT_THAT(headline(), HasSubstr("works, but over the fallback"));
    EXPECT_EQ(requirement(judgement_, "udp").status, Status::blocked);
    EXPECT_EQ(requirement(judgement_, "udp").grade, verdict::Grade::b);
    EXPECT_EQ(judgement_.result().flows[1].control, control) << "in this database as well";
    EXPECT_THAT(judgement_.pending().facts.flows, ElementsAre(0, 1, 2));
    EXPECT_EQ(judged(), 3U);
    store();
    news(200, {{asks_on(199), false}});
    store();
    news(400, {{asks_on(399), false}});
    EXPECT_THAT(headline(), HasSubstr("works, but over the fallback"));
    EXPECT_EQ(judged(), 3U) << "though some left memory";
}

TEST_F(ANewDatabase, KeepsTheGradeOfABlockWhoseControlIsLongGone) {
    seen(20, {0, 2});
    for (const double until : {300.0, 301.0}) {
        news(until, {{asks_on(until - 1), false}});
        store();
    }
    ASSERT_EQ(judgement_.observation().flows.size(), 1U);
    rotate();
    news(310, {{asks_on(309), false}});
    EXPECT_EQ(requirement(judgement_, "udp").status, Status::blocked);
    EXPECT_EQ(requirement(judgement_, "udp").grade, verdict::Grade::b);
    EXPECT_EQ(judgement_.result().flows[0].control, 0U) << "an earlier database has it";
    EXPECT_THAT(headline(), Not(HasSubstr("suspected only")));
}

TEST_F(ANewDatabase, ChangesNothingOfACallThatGoesOn) {
    seen(20);
    const auto before = headline();
    EXPECT_THAT(before, HasSubstr("works, but over the fallback"));
    rotate();
    auto& relayed = built_.observation.flows[2];
    support::ObservationBuilder::count(relayed.server(), built_.mark(20.3), true);
    news(20.5, {{relayed, false}});
    EXPECT_EQ(headline(), before);
    EXPECT_TRUE(requirement(judgement_, "tls").media);
    EXPECT_NE(judgement_.result().flows[1].control, 0U);
}

TEST_F(ANewDatabase, JudgesWhatWasNotJudgedYet) {
    auto& late = built_.ice("203.0.113.8", 3478, 20, false);
    seen(23.2);
    EXPECT_EQ(judgement_.result().flows[3].inconclusive, InconclusiveReason::waiting);
    rotate();
    EXPECT_EQ(headline().find("FAILS"), std::string::npos);
    EXPECT_EQ(requirement(judgement_, "udp").status, Status::inconclusive);
    others(40);
    EXPECT_EQ(requirement(judgement_, "udp").status, Status::blocked);
    EXPECT_EQ(requirement(judgement_, "udp").blocked, 2U) << "and the one before with it";
    EXPECT_THAT(headline(), HasSubstr("works, but over the fallback"));
    auto& answering = late.server_of(late.stun.make());
    answering.responses = 1;
    support::ObservationBuilder::count(late.server(), answering.first_response = built_.mark(41),
                                       true);
    news(42, {{late, false}});
    EXPECT_EQ(requirement(judgement_, "udp").status, Status::observed);
}

TEST_F(ANewDatabase, LeavesFailuresOfNamesWhereTheyWere) {
    built_.query("y.acme.example.com", 19, {}, "192.168.10.22", 60, 3);
    auto round = round_of(built_.observation, 25);
    for (auto& query : built_.observation.dns) {
        round.harvests[0].rows.of<facts::DnsKind>().push_back({1, query});
        round.harvests[0].rows.of<facts::DnsKind>().back().row.id = 1;
    }
    round.harvests[0].flows.clear();
    round.harvests[0].flows.push_back({built_.observation.flows[1], false});
    round.harvests[0].flows[0].flow.id = 1;
    judgement_.accept(round);
    judgement_.judge();
    EXPECT_EQ(requirement(judgement_, "signaling").status, Status::blocked);
    store();
    rotate();
    EXPECT_EQ(requirement(judgement_, "signaling").status, Status::unmatched);
    EXPECT_EQ(headline(), "");
    for (const auto& domain : judgement_.result().domains) {
        EXPECT_EQ(domain.status, Status::unmatched) << domain.pattern;
    }
}

}  // namespace
}  // namespace turnpike::app
