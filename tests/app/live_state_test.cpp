// The state that displays show: changes and ended flows are told once, counters add up.
#include "app/live_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/live_world.h"

namespace turnpike::app {
namespace {

using test::round_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveStateTest : public ::testing::Test {
  protected:
    const monitor::State& second(double until, bool ended = false) {
        auto round = round_of(built_.observation, until, ended);
        judgement_.accept(round);
        judgement_.judge();
        const auto& told = state_.update(judgement_, drops_, 4'096);
        judgement_.stored(judgement_.pending());
        return told;
    }
    static const monitor::RequirementState& row(const monitor::State& state,
                                                std::string_view rule) {
        const auto found =
            std::ranges::find(state.requirements, rule, &monitor::RequirementState::rule_id);
        return *found;
    }

    test::CatalogFolder folder_;
    support::ObservationBuilder built_;
    LiveJudgement judgement_{folder_.load(), false};
    LiveState state_{"eth0", "x.db"};
    capture::Drops drops_;
};

TEST_F(LiveStateTest, WhatWasNeverSeenIsNoChange) {
    built_.goes_on_until(1);
    const auto& told = second(1);
    EXPECT_THAT(told.changes, IsEmpty());
    ASSERT_EQ(told.requirements.size(), 2U);
    EXPECT_EQ(row(told, "media").status, "unmatched");
    EXPECT_EQ(row(told, "media").changed, std::nullopt);
    EXPECT_EQ(told.source, "eth0");
    EXPECT_EQ(told.database, "x.db");
}

TEST_F(LiveStateTest, AChangeIsToldOnceAndItsTimeStays) {
    built_.ice("203.0.113.9", 3478, 0, false);
    const auto& first = second(4);
    ASSERT_EQ(first.changes.size(), 1U);
    EXPECT_EQ(first.changes[0].from, "");
    EXPECT_EQ(first.requirements[first.changes[0].requirement].rule_id, "media");
    EXPECT_EQ(row(first, "media").status, "inconclusive");
    const auto when = row(first, "media").changed;
    EXPECT_EQ(when, first.changes[0].time);
    const auto& again = second(4.5);
    EXPECT_THAT(again.changes, IsEmpty());
    EXPECT_EQ(row(again, "media").changed, when);
    built_.goes_on_until(19);
    const auto& blocked = second(20);
    ASSERT_EQ(blocked.changes.size(), 1U);
    EXPECT_EQ(blocked.changes[0].from, "inconclusive");
    EXPECT_EQ(row(blocked, "media").status, "blocked");
    EXPECT_EQ(row(blocked, "media").block_reason, "udp_timeout");
    EXPECT_EQ(row(blocked, "media").blocked, 1U);
    EXPECT_THAT(second(21).changes, IsEmpty());
}

TEST_F(LiveStateTest, TheNewestFlowThatCarriesTheStatusIsItsEvidence) {
    built_.ice("203.0.113.7", 3478, 0, true);
    built_.ice("203.0.113.8", 3478, 1, true);
    built_.ice("203.0.113.9", 3478, 2, false);
    const auto& told = second(20);
    EXPECT_EQ(row(told, "media").status, "observed");
    EXPECT_EQ(row(told, "media").passed, 2U);
    EXPECT_THAT(row(told, "media").evidence, HasSubstr("> 203.0.113.8:3478"));
}

TEST_F(LiveStateTest, AnEndedFlowIsToldOnceWithItsVerdictAndRule) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    EXPECT_THAT(second(1).finished, IsEmpty());
    const auto& told = second(2, true);
    ASSERT_EQ(told.finished.size(), 1U);
    const auto& flow = told.finished[0];
    EXPECT_EQ(flow.transport, "tcp");
    EXPECT_EQ(flow.server.port, 443);
    EXPECT_EQ(flow.packets_out, 3U);
    EXPECT_EQ(flow.packets_in, 2U);
    EXPECT_EQ(flow.server_name, "api.acme.example.com");
    EXPECT_EQ(flow.outcome, "passed");
    EXPECT_EQ(flow.vendor, "acme");
    EXPECT_EQ(flow.rule_id, "signaling");
    EXPECT_EQ(flow.confidence, "exact");
    EXPECT_THAT(second(3, true).finished, IsEmpty());
}

TEST_F(LiveStateTest, CountersAddUp) {
    drops_ = {.known = true, .by_kernel = 4, .by_interface = 3, .unplaced = 2};
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    built_.ice("203.0.113.9", 3478, 0, false);
    built_.ice("203.0.113.8", 3478, 19, true);
    auto& quality = built_.observation.quality;
    quality.bytes = 1'234;
    quality.duplicates = 5;
    quality.malformed = 6;
    quality.problems = {{"dns", "cut off", 6}};
    second(18);
    const auto& told = second(20, true);
    const auto& counters = told.counters;
    EXPECT_EQ(counters.packets, quality.packets);
    EXPECT_EQ(counters.octets, 1'234U);
    EXPECT_EQ(counters.dropped_by_kernel, 6U);
    EXPECT_EQ(counters.dropped_by_interface, 3U);
    EXPECT_EQ(counters.dropped_by_turnpike, 0U);
    EXPECT_EQ(counters.duplicates, 5U);
    EXPECT_EQ(counters.malformed, 6U);
    EXPECT_EQ(counters.resident_octets, 4'096U);
    EXPECT_EQ(counters.flows_active, 0U);
    EXPECT_EQ(counters.flows_finished, 3U);
    EXPECT_EQ(counters.flows_passed, 2U);
    EXPECT_EQ(counters.flows_blocked, 1U);
    EXPECT_EQ(counters.flows_inconclusive, 0U);
    ASSERT_EQ(told.problems.size(), 1U);
    EXPECT_EQ(told.problems[0].count, 6U);
}

TEST_F(LiveStateTest, FlowsStillAddUpAfterANewDatabaseBegan) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    second(1, true);
    judgement_.restart();
    built_ = {};
    built_.flow(facts::Transport::udp, "192.168.10.21", "198.51.100.1", 9);
    built_.connection("198.51.100.2", 443, "www.example.org", 2);
    built_.observation.flows.erase(built_.observation.flows.begin());  // its id was the first one's
    const auto& counters = second(3).counters;
    EXPECT_EQ(counters.flows_active + counters.flows_finished, 2U);
    EXPECT_EQ(counters.flows_passed + counters.flows_blocked + counters.flows_inconclusive, 2U);
}

TEST_F(LiveStateTest, ANewDatabaseIsNoChange) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    built_.ice("203.0.113.9", 3478, 0, false);
    built_.goes_on_until(19);
    EXPECT_EQ(second(20).changes.size(), 2U);
    judgement_.restart();
    auto round = round_of({}, 21);
    round.harvests[0].quality = built_.observation.quality;
    judgement_.accept(round);
    judgement_.judge();
    const auto& told = state_.update(judgement_, drops_, 4'096);
    EXPECT_EQ(row(told, "media").status, "unmatched");
    EXPECT_THAT(told.changes, IsEmpty());
    EXPECT_THAT(second(22).changes, IsEmpty()) << "they go on as before";
    EXPECT_EQ(row(state_.state(), "media").status, "blocked");
    built_.ice("203.0.113.8", 3478, 23, true);
    const auto& better = second(24);
    ASSERT_EQ(better.changes.size(), 1U);
    EXPECT_EQ(better.changes[0].from, "blocked");
}

TEST_F(LiveStateTest, AFlowThatANewDatabaseDoesNotTellOfIsCountedOnce) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    EXPECT_EQ(second(1, true).finished.size(), 1U);
    judgement_.restart();
    EXPECT_EQ(judgement_.counts().passed, 0U);
    EXPECT_EQ(judgement_.all_counts().passed, 1U);
    auto round = round_of({}, 1'000);
    round.harvests[0].quality = built_.observation.quality;
    judgement_.accept(round);
    judgement_.judge();
    EXPECT_THAT(state_.update(judgement_, drops_, 4'096).finished, IsEmpty());
    judgement_.stored(judgement_.pending());
    EXPECT_THAT(judgement_.observation().flows, IsEmpty());
    EXPECT_EQ(judgement_.counts().passed, 0U);
    EXPECT_EQ(judgement_.all_counts().passed, 1U);
}

}  // namespace
}  // namespace turnpike::app
