// The sentence that a reader acts on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using catalog::Expectation;
using catalog::Transport;
using support::ObservationBuilder;
using support::port;
using support::revision;
using support::rule;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class HeadlinesTest : public ::testing::Test {
  protected:
    HeadlinesTest() {
        catalog_.push_back(
            revision("acme", "calls",
                     {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                      rule("media", {port(Transport::udp, 3478)}, {"turn.acme.example.com"}),
                      rule("logs", {port(Transport::tcp, 8443)}, {"logs.acme.example.com"})}));
        catalog_[0].rules[2].level = catalog::Level::optional;
    }

    std::vector<Headline> headlines() {
        std::vector<const catalog::Revision*> considered;
        for (const auto& entry : catalog_) {
            considered.push_back(&entry);
        }
        built_.goes_on_until(40);
        return evaluate(built_.observation, considered).headlines;
    }

    std::vector<catalog::Revision> catalog_;
    ObservationBuilder built_;
};

TEST_F(HeadlinesTest, NothingThatProvesAProductIsNoHeadline) {
    catalog_[0].rules.push_back(support::any_rule("anywhere"));
    built_.ice("198.51.100.80", 40000, 1, true);
    EXPECT_THAT(headlines(), IsEmpty());
}

TEST_F(HeadlinesTest, ARequiredRowThatIsBlockedFails) {
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    built_.ice("203.0.113.9", 3478, 2, false).stun.make().ice = false;
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::fails);
    EXPECT_THAT(list[0].headline, HasSubstr("media (udp 3478) (nothing ever came back)"));
    EXPECT_THAT(list[0].advice, HasSubstr("Open outbound UDP port 3478 to turn.acme.example.com"));
}

TEST_F(HeadlinesTest, AnOptionalRowThatIsBlockedIsNamedAndBreaksNothing) {
    built_.query("logs.acme.example.com", 0, {"203.0.113.3"});
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    built_.unanswered_syns("203.0.113.3", 8443, 2);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::works);
    EXPECT_THAT(list[0].headline, HasSubstr("also blocked: logs (tcp 8443), optional"));
}

// Whoever asks the vendor's own server for media shows that the row's condition holds.
TEST_F(HeadlinesTest, MediaThatIsBlockedOnAConditionalRowFailsIfNoneIsSeenElsewhere) {
    auto& media = catalog_[0].rules[1];
    media.expects = {Expectation::turn};
    media.level = catalog::Level::conditional;
    media.condition = "a call of two";
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    built_.ice("203.0.113.9", 3478, 2, false).stun.make().ice = false;
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::fails);
    EXPECT_THAT(list[0].headline,
                HasSubstr("media (udp 3478), conditional (nothing ever came back)"));
    media.destinations.names[0].shared = true;
    EXPECT_EQ(headlines()[0].state, HeadlineState::cannot_tell) << "anybody may be meant";
}

TEST_F(HeadlinesTest, SignallingWithoutMediaCannotTell) {
    catalog_[0].rules[1].expects = {Expectation::turn};
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::cannot_tell);
    EXPECT_THAT(list[0].headline, HasSubstr("no media was seen"));
    EXPECT_THAT(list[0].advice, Not(IsEmpty()));
}

TEST_F(HeadlinesTest, ANameThatWasAskedForProvesTheProduct) {
    built_.query("x.acme.example.com", 0, {"203.0.113.1"});
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::cannot_tell);
}

TEST_F(HeadlinesTest, WhatFailsComesFirst) {
    catalog_.push_back(revision(
        "zeta", "calls", {rule("signal", {port(Transport::tcp, 443)}, {"*.zeta.example.com"})}));
    built_.query("x.zeta.example.com", 0, {"203.0.113.5"});
    built_.unanswered_syns("203.0.113.5", 443, 1);
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 2);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[0].revision->vendor, "zeta");
    EXPECT_EQ(list[0].state, HeadlineState::fails);
    EXPECT_EQ(list[1].state, HeadlineState::works);
}

TEST_F(HeadlinesTest, OfSeveralRevisionsTheNewestSpeaks) {
    catalog_.push_back(catalog_[0]);
    catalog_[0].revision = "2024";
    catalog_[1].revision = "2025";
    catalog_[1].newest = true;
    built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].revision->revision, "2025");
}

TEST_F(HeadlinesTest, AClientThatRefusesWhatAnswersDoesNotWork) {
    auto& flow = built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    flow.tls.make().client_alert.make().at = built_.mark(1.5);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(list[0].state, HeadlineState::cannot_tell);
    EXPECT_THAT(list[0].advice, HasSubstr("exempt *.acme.example.com from it"));
}

// Of a flow to a port that nobody documents every rule with the name is a candidate.
TEST_F(HeadlinesTest, ASessionThatWentDeadIsOneFlowOfOneProduct) {
    catalog_[0].rules.push_back(rule("web", {port(Transport::tcp, 80)}, {"*.acme.example.com"}));
    catalog_.push_back(revision(
        "acme", "rooms", {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"})}));
    auto& flow = built_.connection("203.0.113.1", 9999, "x.acme.example.com", 1);
    flow.client().unreplied = 5;
    flow.client().last = built_.mark(20);
    const auto list = headlines();
    const auto dead = [](const Headline& told) { return told.headline.contains("went dead"); };
    ASSERT_EQ(std::ranges::count_if(list, dead), 1);
    EXPECT_THAT(std::ranges::find_if(list, dead)->headline, HasSubstr("(1 flow, "));
}

TEST_F(HeadlinesTest, ASessionThatWentDeadIsToldOfEachProductInWhoseRowsItCounts) {
    catalog_[0].rules.push_back(rule("web", {port(Transport::tcp, 443)}, {"*.acme.example.com"}));
    catalog_.push_back(revision(
        "acme", "rooms", {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"})}));
    auto& flow = built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
    flow.client().unreplied = 5;
    flow.client().last = built_.mark(20);
    const auto list = headlines();
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_THAT(list[0].headline, HasSubstr("went dead while the client kept sending (1 flow, "));
    EXPECT_THAT(list[1].headline, HasSubstr("went dead while the client kept sending (1 flow, "));
}

// ---- media is blocked, and the capture ends while the client tries another way

class UnfinishedCall : public HeadlinesTest {
  protected:
    UnfinishedCall() {
        auto& rules = catalog_[0].rules;
        rules[1].expects = {Expectation::turn};
        rules.push_back(rule("relay", {port(Transport::tcp, 5349)}, {"turn.acme.example.com"}));
        rules.back().expects = {Expectation::turns};
        rules[1].alternative_group = rules.back().alternative_group = "media";
        rules[1].alternative_branch = "udp";
        rules.back().alternative_branch = "tls";
        rules[1].preference = 1;
        rules.back().preference = 2;
        built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
        built_.connection("203.0.113.1", 443, "x.acme.example.com", 1);
        built_.ice("203.0.113.9", 3478, 2, false).stun.make().ice = false;
    }
    Headline headline(double end, bool goes_on = false) {
        built_.goes_on_until(end);
        const auto result = evaluate(built_.observation, {catalog_.data()}, {.goes_on = goes_on});
        EXPECT_EQ(result.headlines.at(0).state, HeadlineState::fails);
        EXPECT_THAT(result.headlines[0].headline, HasSubstr("no fallback carried it"));
        return result.headlines[0];
    }
};

TEST_F(UnfinishedCall, SaysWhichWayIsBeingTried) {
    built_.connection("203.0.113.9", 5349, "turn.acme.example.com", 14);
    const auto cut = headline(18);
    EXPECT_THAT(cut.headline,
                HasSubstr("; the capture ends while relay (tcp 5349) is being tried"));
    EXPECT_TRUE(cut.advice.starts_with("Let the capture run")) << cut.advice;
    const auto live = headline(18, true);
    EXPECT_THAT(live.headline, HasSubstr("; relay (tcp 5349) is being tried"));
    EXPECT_THAT(live.headline, Not(HasSubstr("ends")));
    EXPECT_THAT(headline(19.5).headline, Not(HasSubstr("being tried"))) << "it had its time";
}

TEST_F(UnfinishedCall, AnAnswerMayBeOnItsWay) {
    built_.unanswered_syns("203.0.113.9", 5349, 14, 1);
    EXPECT_THAT(headline(16).headline,
                HasSubstr("the capture ends while relay (tcp 5349) is being tried"));
}

TEST_F(UnfinishedCall, AConnectionThatIsClosedIsNotBeingTried) {
    auto& relay = built_.connection("203.0.113.9", 5349, "turn.acme.example.com", 14);
    relay.client_of(relay.tcp.make()).fin = built_.mark(15);
    const auto cut = headline(16);
    EXPECT_THAT(cut.headline, Not(HasSubstr("being tried")));
    EXPECT_FALSE(cut.advice.starts_with("Let the capture run"));
}

TEST_F(UnfinishedCall, AFallbackNeedsItsTime) {
    const auto cut = headline(8);
    EXPECT_THAT(
        cut.headline,
        HasSubstr("; the capture ends seconds after the first attempt, before a fallback had "
                  "its chance"));
    EXPECT_TRUE(cut.advice.starts_with("Let the capture run"));
    EXPECT_THAT(headline(8, true).headline, HasSubstr("; the first attempt was seconds ago"));
    EXPECT_THAT(headline(13).headline, Not(HasSubstr("chance"))) << "there was none";
}

TEST_F(UnfinishedCall, AFallbackThatWasTriedHadItsChance) {
    auto& relay = built_.connection("203.0.113.9", 5349, "turn.acme.example.com", 3);
    relay.client_of(relay.tcp.make()).fin = built_.mark(4);
    EXPECT_THAT(headline(9).headline, Not(HasSubstr("chance")));
}

}  // namespace
}  // namespace turnpike::verdict
