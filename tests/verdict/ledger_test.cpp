// What left the observation of a live run still counts.
#include "turnpike/verdict/ledger.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- tallies

RequirementVerdict told(const ReasonTally& tally) {
    RequirementVerdict verdict;
    tally.tell(verdict);
    return verdict;
}

TEST(ReasonTally, WithoutReasonsTellsNothing) {
    EXPECT_EQ(told({}).reason, BlockReason::none);
    EXPECT_EQ(told({}).grade, Grade::none);
}

TEST(ReasonTally, TheMostFrequentReasonIsTold) {
    ReasonTally tally;
    tally.add(BlockReason::tcp_reset, Stage::tcp, Grade::a);
    tally.add(BlockReason::tls_timeout, Stage::tls, Grade::c);
    tally.add(BlockReason::tls_timeout, Stage::tls, Grade::c);
    EXPECT_EQ(told(tally).reason, BlockReason::tls_timeout);
    EXPECT_EQ(told(tally).stage, Stage::tls);
    EXPECT_EQ(told(tally).grade, Grade::c);
}

TEST(ReasonTally, AmongEqualsTheBetterGradeIsTold) {
    ReasonTally tally;
    tally.add(BlockReason::tcp_timeout, Stage::tcp, Grade::c);
    tally.add(BlockReason::icmp_prohibited, Stage::tcp, Grade::a);
    tally.add(BlockReason::tls_timeout, Stage::tls, Grade::b);
    EXPECT_EQ(told(tally).reason, BlockReason::icmp_prohibited);
}

TEST(ReasonTally, OfOneReasonTheBestGradeStays) {
    ReasonTally tally;
    for (const auto grade : {Grade::c, Grade::b, Grade::c}) {
        tally.add(BlockReason::tcp_timeout, Stage::tcp, grade);
    }
    EXPECT_EQ(told(tally).grade, Grade::b);
}

FlowVerdict verdict_of(Outcome outcome, BlockReason reason = BlockReason::none,
                       InconclusiveReason undecided = InconclusiveReason::none) {
    FlowVerdict verdict;
    verdict.outcome = outcome;
    verdict.reason = reason;
    verdict.inconclusive = undecided;
    return verdict;
}

TEST(FlowTally, CountsOutcomesAndStretchesOverAllTimes) {
    ObservationBuilder built;
    built.connection("203.0.113.1", 443, "", 20);
    built.unanswered_syns("203.0.113.1", 443, 5);
    built.unanswered_syns("203.0.113.1", 443, 40);
    built.unanswered_syns("203.0.113.1", 443, 30);
    const auto& flows = built.observation.flows;
    FlowTally tally;
    EXPECT_FALSE(tally.first_seen);
    tally.count(flows[0], verdict_of(Outcome::passed));
    tally.count(flows[1], verdict_of(Outcome::blocked, BlockReason::tcp_timeout));
    tally.count(flows[2], verdict_of(Outcome::inconclusive, BlockReason::none,
                                     InconclusiveReason::capture_loss));
    tally.count(flows[3], verdict_of(Outcome::inconclusive, BlockReason::none,
                                     InconclusiveReason::capture_ended));
    EXPECT_EQ(tally.passed, 1U);
    EXPECT_EQ(tally.blocked, 1U);
    EXPECT_EQ(tally.undecided, 2U);
    EXPECT_EQ(tally.inconclusive, InconclusiveReason::capture_ended) << "of the last one";
    EXPECT_EQ(told(tally.reasons).reason, BlockReason::tcp_timeout);
    EXPECT_EQ(tally.first_seen, at(5));
    EXPECT_EQ(tally.last_seen, at(43));
}

// ---- the ledger

/// A call's traffic, of which any part may leave.
class LedgerTest : public ::testing::Test {
  protected:
    LedgerTest()
        : revision_(
              revision("acme", "calls",
                       {rule("signal", {port(Transport::tcp, 443), port(Transport::tcp, 80)},
                             {"*.acme.example.com"}),
                        rule("media", {port(Transport::udp, 3478)}, {"turn.acme.example.com"})})),
          index_(std::vector<const catalog::Revision*>{&revision_}) {}

    RunResult evaluate(const facts::Observation& observation) const {
        return verdict::evaluate(observation, index_, {.past = &ledger_});
    }
    /// What is not kept leaves.
    void leave(const std::vector<bool>& flows, const std::vector<bool>& queries) {
        const auto result = evaluate(built_.observation);
        ledger_.settle(built_.observation, result, index_, flows, queries);
        facts::Observation rest;
        rest.quality = built_.observation.quality;
        for (std::size_t i = 0; i < flows.size(); ++i) {
            if (flows[i]) {
                rest.flows.push_back(built_.observation.flows[i]);
            }
        }
        for (std::size_t i = 0; i < queries.size(); ++i) {
            if (queries[i]) {
                rest.dns.push_back(built_.observation.dns[i]);
            }
        }
        built_.observation = std::move(rest);
    }
    void leave_all() {
        leave(std::vector<bool>(built_.observation.flows.size()),
              std::vector<bool>(built_.observation.dns.size()));
    }
    static const RequirementVerdict& requirement(const RunResult& result, std::string_view rule,
                                                 std::string_view port) {
        for (const auto& verdict : result.requirements) {
            if (verdict.requirement.rule->id == rule && verdict.requirement.port->text == port) {
                return verdict;
            }
        }
        throw std::runtime_error("no such requirement");
    }
    const Ledger::Account& account(std::string_view rule, std::string_view port) const {
        const auto result = evaluate(built_.observation);
        const auto* found = ledger_.account(requirement(result, rule, port).requirement);
        return found != nullptr ? *found : throw std::runtime_error("no such account");
    }
    /// Everything that a reader is told, in words.
    static std::vector<std::string> words(const RunResult& result) {
        std::vector<std::string> lines;
        const auto time = [](const std::optional<base::Timestamp>& when) {
            return when ? base::format_iso8601(*when) : std::string("-");
        };
        for (const auto& row : result.requirements) {
            lines.push_back(fmt::format(
                "{} {}: {} {} {} {} {} {}/{}/{} {} {}", row.requirement.rule->id,
                row.requirement.port->text, to_string(row.status), to_string(row.reason),
                to_string(row.stage), to_string(row.grade), to_string(row.inconclusive), row.passed,
                row.blocked, row.undecided, time(row.first_seen), time(row.last_seen)));
        }
        for (const auto& row : result.domains) {
            std::string names;
            for (const auto& name : row.names_seen) {
                names += " " + name;
            }
            lines.push_back(fmt::format("{}: {} {}{}", row.pattern, to_string(row.status),
                                        to_string(row.reason), names));
        }
        return lines;
    }

    catalog::Revision revision_;
    catalog::Index index_;
    ObservationBuilder built_;
    Ledger ledger_;
};

TEST_F(LedgerTest, AtFirstKnowsNothing) {
    built_.goes_on_until(1);
    const auto result = evaluate(built_.observation);
    EXPECT_EQ(ledger_.account(result.requirements[0].requirement), nullptr);
    EXPECT_THAT(ledger_.names(), IsEmpty());
}

TEST_F(LedgerTest, TakesDownWhatLeavesAndNothingElse) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 2);
    built_.connection("203.0.113.7", 443, "www.example.org", 3);
    built_.query("api.acme.example.com", 0, {"203.0.113.1"});
    built_.query("www.example.org", 0, {"203.0.113.7"});
    leave({true, false, false}, {false, false});
    EXPECT_EQ(account("signal", "443").tally.passed, 1U);
    EXPECT_THAT(account("signal", "443").flows, ElementsAre(2));
    ASSERT_EQ(ledger_.names().size(), 1U) << "others' names are nobody's business";
    EXPECT_EQ(ledger_.names().begin()->first, "api.acme.example.com");
    EXPECT_TRUE(ledger_.names().begin()->second.resolved);
    EXPECT_EQ(requirement(evaluate(built_.observation), "signal", "443").passed, 2U);
}

TEST_F(LedgerTest, ANewRunBeginsWithNothing) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    leave_all();
    ledger_.restart({});
    built_.goes_on_until(2);
    const auto result = evaluate(built_.observation);
    EXPECT_EQ(requirement(result, "signal", "443").status, Status::unmatched);
    EXPECT_THAT(ledger_.names(), IsEmpty());
}

TEST_F(LedgerTest, ACatalogThatIsLoadedAgainFindsItsRequirements) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    leave_all();
    const catalog::Revision again = revision_;
    const catalog::Index index(std::vector<const catalog::Revision*>{&again});
    const auto result = verdict::evaluate(built_.observation, index, {.past = &ledger_});
    EXPECT_EQ(requirement(result, "signal", "443").status, Status::observed);
    EXPECT_EQ(requirement(result, "signal", "80").status, Status::unmatched);
}

// ---- evidence that is gone

TEST_F(LedgerTest, RemembersAFewFlowsTheLatestFirst) {
    for (int i = 0; i < 10; ++i) {
        built_.connection("203.0.113.1", 443, "api.acme.example.com", i);
    }
    leave_all();
    EXPECT_EQ(account("signal", "443").tally.passed, 10U);
    const auto result = evaluate(built_.observation);
    EXPECT_THAT(requirement(result, "signal", "443").earlier_flows, ElementsAre(10, 9, 8, 7));
    EXPECT_THAT(requirement(result, "signal", "443").flows, IsEmpty());
    EXPECT_THAT(requirement(result, "signal", "80").earlier_flows, IsEmpty());
}

TEST_F(LedgerTest, BlockedFlowsAreTheNewsBesideOthersThatPassed) {
    built_.query("api.acme.example.com", 0, {"203.0.113.1"});
    built_.unanswered_syns("203.0.113.1", 443, 1);
    for (int i = 0; i < 10; ++i) {  // too late to contradict it
        built_.connection("203.0.113.1", 443, "api.acme.example.com", 120 + i);
    }
    for (const double until : {40.0, 80.0, 140.0}) {
        built_.goes_on_until(until);
    }
    leave_all();
    const auto result = evaluate(built_.observation);
    const auto& verdict = requirement(result, "signal", "443");
    EXPECT_EQ(verdict.blocked, 1U);
    EXPECT_THAT(verdict.earlier_flows, ::testing::Contains(1U));
}

TEST_F(LedgerTest, RemembersAFewQuestionsThatFailed) {
    for (int i = 0; i < 10; ++i) {
        built_.query("turn.acme.example.com", i, {}, "192.168.10.21", 0, 3).id =
            static_cast<std::uint64_t>(i) + 1;
    }
    built_.goes_on_until(20);
    leave_all();
    const auto result = evaluate(built_.observation);
    const auto& verdict = requirement(result, "media", "3478");
    EXPECT_EQ(verdict.status, Status::blocked);
    EXPECT_EQ(verdict.reason, BlockReason::dns_nxdomain);
    EXPECT_THAT(verdict.earlier_queries, ElementsAre(10, 9, 8, 7));
    EXPECT_THAT(verdict.dns_queries, IsEmpty());
    EXPECT_EQ(verdict.first_seen, at(0));
    EXPECT_EQ(verdict.last_seen, at(9.01));
}

TEST_F(LedgerTest, ALaterAnswerOutweighsAFailureThatIsGone) {
    built_.query("turn.acme.example.com", 0, {}, "192.168.10.21", 0, 3);
    built_.goes_on_until(20);
    leave_all();
    built_.query("turn.acme.example.com", 30, {"203.0.113.9"});
    EXPECT_EQ(requirement(evaluate(built_.observation), "media", "3478").status, Status::unmatched);
}

TEST_F(LedgerTest, AnAnswerThatIsGoneOutweighsALaterFailure) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    leave_all();
    built_.query("turn.acme.example.com", 30, {}, "192.168.10.21", 0, 3);
    built_.goes_on_until(50);
    EXPECT_EQ(requirement(evaluate(built_.observation), "media", "3478").status, Status::unmatched);
}

TEST_F(LedgerTest, WhatWasWithheldForALossStaysWithheld) {
    built_.query("api.acme.example.com", 0, {"203.0.113.2"});
    built_.unanswered_syns("203.0.113.2", 443, 1);
    built_.observation.quality.losses.push_back({at(3), at(3)});
    built_.observation.quality.dropped = 7;
    built_.goes_on_until(20);
    leave_all();
    built_.observation.quality.losses.clear();  // it is long ago
    const auto result = evaluate(built_.observation);
    const auto& verdict = requirement(result, "signal", "443");
    EXPECT_EQ(verdict.status, Status::inconclusive);
    EXPECT_EQ(verdict.inconclusive, InconclusiveReason::capture_loss);
}

TEST_F(LedgerTest, ABlockKeepsItsGradeWhenItsControlLeaves) {
    built_.connection("203.0.113.2", 443, "api.acme.example.com", 0, "192.168.10.22");
    built_.query("api.acme.example.com", 25, {"203.0.113.2"});
    built_.unanswered_syns("203.0.113.2", 443, 30);
    built_.query("turn.acme.example.com", 31, {}, "192.168.10.21", 0, 3);
    built_.goes_on_until(60);
    const auto before = evaluate(built_.observation);
    ASSERT_EQ(requirement(before, "signal", "443").grade, Grade::b);
    ASSERT_EQ(requirement(before, "media", "3478").grade, Grade::b);
    ASSERT_EQ(before.flows[1].control, 1U) << "another client at the same endpoint";
    leave({false, true}, {false, true});
    built_.goes_on_until(120);
    leave({true}, {true});
    const auto after = evaluate(built_.observation);
    EXPECT_EQ(after.flows[0].grade, Grade::b);
    EXPECT_EQ(after.flows[0].control, 1U);
    EXPECT_EQ(requirement(after, "media", "3478").grade, Grade::b);
}

TEST_F(LedgerTest, AContradictionStandsWhenWhatContradictedLeaves) {
    built_.connection("203.0.113.2", 443, "api.acme.example.com", 0);
    built_.unanswered_syns("203.0.113.2", 443, 10);
    built_.goes_on_until(30);
    ASSERT_EQ(evaluate(built_.observation).flows[1].inconclusive, InconclusiveReason::intermittent);
    leave({false, true}, {});
    const auto after = evaluate(built_.observation);
    EXPECT_EQ(after.flows[0].inconclusive, InconclusiveReason::intermittent);
    EXPECT_EQ(after.flows[0].reason, BlockReason::none);
}

TEST_F(LedgerTest, ALoserStaysOneWhenItsWinnerLeaves) {
    auto& winner = built_.ice("203.0.113.8", 3478, 0, true);
    auto& loser = built_.ice("203.0.113.9", 3478, 0, false);
    winner.client().endpoint.port = loser.client().endpoint.port = 50'000;
    built_.goes_on_until(30);
    const auto before = evaluate(built_.observation);
    ASSERT_EQ(before.flows[1].inconclusive, InconclusiveReason::losing_candidate);
    leave({false, true}, {});
    const auto after = evaluate(built_.observation);
    EXPECT_EQ(after.flows[0].inconclusive, InconclusiveReason::losing_candidate);
    EXPECT_EQ(*after.flows[0].notes, *before.flows[1].notes);
}

TEST_F(LedgerTest, ARefusalStaysTheServersOwnWhenItsOtherFlowsLeave) {
    built_.connection("203.0.113.2", 443, "api.acme.example.com", 0).server().hop_limit = 52;
    auto& refused = built_.unanswered_syns("203.0.113.2", 80, 1, 1);
    auto& answering = refused.server_of(refused.tcp.make());
    ObservationBuilder::count(refused.server(), answering.rst.make().at = built_.mark(1.1), false);
    answering.rst.make().hop_limit = 52;
    built_.goes_on_until(30);
    ASSERT_EQ(evaluate(built_.observation).flows[1].inconclusive,
              InconclusiveReason::server_refused);
    leave({false, true}, {});
    leave({true}, {});  // a second round later
    const auto after = evaluate(built_.observation);
    EXPECT_EQ(after.flows[0].inconclusive, InconclusiveReason::server_refused);
}

/// The status must not depend on what has left: every part of a call's traffic leaves in turn.
TEST_F(LedgerTest, StatusesAreTheSameWhateverHasLeft) {
    built_.query("api.acme.example.com", 0, {"203.0.113.1"});
    built_.query("old.acme.example.com", 1, {}, "192.168.10.21", 0, 3);
    built_.query("turn.acme.example.com", 2, {}, "192.168.10.21", 0, 5);
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 3);
    auto& refused = built_.connection("203.0.113.1", 443, "api.acme.example.com", 4);
    refused.server() = {};
    refused.tcp = {};
    auto& tcp = refused.tcp.make();
    auto& resetting = refused.server_of(tcp);
    tcp.syn = refused.client().first;
    tcp.syns = 1;
    resetting.rst.make().at = built_.mark(4.5);
    resetting.rst.make().before_syn_ack = true;
    ObservationBuilder::count(refused.server(), resetting.rst->at, false);
    auto& plain = built_.unanswered_syns("203.0.113.1", 80, 5);
    plain.server_name.make() = "www.acme.example.com";
    plain.server_name_source = facts::NameSource::http_host;
    built_.connection("203.0.113.1", 443, "API.acme.example.com", 6, "192.168.10.22");
    built_.connection("198.51.100.9", 443, "www.example.org", 7);
    built_.goes_on_until(30);
    for (std::size_t i = 0; i < built_.observation.dns.size(); ++i) {
        built_.observation.dns[i].id = i + 1;
    }
    const auto whole = built_.observation;
    const auto expected = words(evaluate(whole));
    const std::size_t parts = whole.flows.size() + whole.dns.size();
    for (unsigned gone = 0; gone < (1U << parts); ++gone) {
        built_.observation = whole;
        ledger_ = {};
        for (const unsigned half : {0x155U, 0x2AAU}) {  // in two steps
            std::vector<bool> flows;
            std::vector<bool> queries;
            for (const auto& flow : built_.observation.flows) {
                flows.push_back((gone & half & (1U << (flow.id - 1))) == 0);
            }
            for (const auto& query : built_.observation.dns) {
                queries.push_back((gone & half & (1U << (whole.flows.size() + query.id - 1))) == 0);
            }
            leave(flows, queries);
        }
        ASSERT_EQ(words(evaluate(built_.observation)), expected) << fmt::format("{:b}", gone);
    }
}

}  // namespace
}  // namespace turnpike::verdict
