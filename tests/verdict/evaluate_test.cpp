// What the captures of captures/verdicts do not show: gates, mixtures, rules over several clients.
#include "turnpike/verdict/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/observation.h"
#include "turnpike/catalog/index.h"
#include "turnpike/facts/given_up.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EvaluateTest : public ::testing::Test {
  protected:
    EvaluateTest() {
        catalog_.push_back(
            revision("acme", "calls",
                     {rule("signal", {port(Transport::tcp, 443), port(Transport::tcp, 80)},
                           {"*.acme.example.com"}),
                      rule("media", {port(Transport::udp, 3478)}, {"turn.acme.example.com"}),
                      any_rule("direct")}));
    }

    RunResult evaluate(EvaluateOptions options = {}) {
        return verdict::evaluate(built_.observation, {catalog_.data()}, options);
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

    std::vector<catalog::Revision> catalog_;
    ObservationBuilder built_;
};

TEST_F(EvaluateTest, WithoutTrafficEverythingIsUnmatched) {
    built_.goes_on_until(1);
    const auto result = evaluate();
    ASSERT_EQ(result.requirements.size(), 4U);
    for (const auto& verdict : result.requirements) {
        EXPECT_EQ(verdict.status, Status::unmatched);
        EXPECT_EQ(verdict.reason, BlockReason::none);
    }
}

TEST_F(EvaluateTest, WhereFlowsWereGivenUpARowToAnywhereIsNotUnmatched) {
    built_.goes_on_until(1);
    built_.observation.quality.problems.push_back(
        {"flow", std::string(facts::given_up_reason), 1'000});
    const auto result = evaluate();
    EXPECT_EQ(requirement(result, "direct", "1024-65535").status, Status::inconclusive);
    EXPECT_EQ(requirement(result, "direct", "1024-65535").inconclusive,
              InconclusiveReason::capture_loss);
    EXPECT_EQ(requirement(result, "media", "3478").status, Status::unmatched);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("1000 flows, of no vendor")));
}

TEST_F(EvaluateTest, WhereSomethingFoundNoRoomNoRowIsUnmatched) {
    built_.goes_on_until(1);
    built_.observation.quality.problems.push_back({"dns", std::string(facts::no_room_reason), 7});
    const auto result = evaluate();
    ASSERT_FALSE(result.requirements.empty());
    for (const auto& verdict : result.requirements) {
        EXPECT_EQ(verdict.status, Status::inconclusive);
        EXPECT_EQ(verdict.inconclusive, InconclusiveReason::capture_loss);
    }
    EXPECT_THAT(result.warnings, Contains(HasSubstr("NO ROOM: 7 packets")));
}

TEST_F(EvaluateTest, OneSuccessMakesARequirementObservedAndTheFailuresStayCounted) {
    built_.query("api.acme.example.com", 0, {"203.0.113.1", "203.0.113.2"});
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    built_.unanswered_syns("203.0.113.2", 443, 1);
    built_.goes_on_until(20);
    const auto verdict = requirement(evaluate(), "signal", "443");
    EXPECT_EQ(verdict.status, Status::observed);
    EXPECT_EQ(verdict.passed, 1U);
    EXPECT_EQ(verdict.blocked, 1U);
    EXPECT_EQ(verdict.reason, BlockReason::tcp_timeout);
}

TEST_F(EvaluateTest, ReportedLossWithinAFlowWithholdsABlock) {
    built_.query("api.acme.example.com", 0, {"203.0.113.2"});
    built_.unanswered_syns("203.0.113.2", 443, 1);
    built_.observation.quality.losses.push_back({at(3), at(3)});
    built_.observation.quality.dropped = 7;
    built_.goes_on_until(20);
    const auto result = evaluate();
    EXPECT_EQ(result.flows[0].outcome, Outcome::inconclusive);
    EXPECT_EQ(result.flows[0].inconclusive, InconclusiveReason::capture_loss);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("7 packets were dropped")));
}

TEST_F(EvaluateTest, LossElsewhereWithholdsNothing) {
    built_.query("api.acme.example.com", 0, {"203.0.113.2"});
    built_.unanswered_syns("203.0.113.2", 443, 1);
    built_.goes_on_until(20);
    built_.observation.quality.losses.push_back({at(30), at(30)});
    built_.observation.quality.dropped = 7;
    EXPECT_EQ(evaluate().flows[0].outcome, Outcome::blocked);
}

TEST_F(EvaluateTest, OneSynAndAShortSilenceProveNothing) {
    built_.query("api.acme.example.com", 0, {"203.0.113.2"});
    built_.unanswered_syns("203.0.113.2", 443, 1, 1);
    built_.goes_on_until(3.9);
    EXPECT_EQ(evaluate().flows[0].inconclusive, InconclusiveReason::capture_ended);
    built_.goes_on_until(4.1);
    EXPECT_EQ(evaluate().flows[0].reason, BlockReason::tcp_timeout);
}

TEST_F(EvaluateTest, WaitingCountsFromTheSecondSendAndNoRetryBeginsItAnew) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    auto& flow = built_.ice("203.0.113.9", 3478, 1, false);  // sent again at 2, 3 and 4
    EXPECT_EQ(evaluate().flows[0].inconclusive, InconclusiveReason::capture_ended);
    ObservationBuilder::count(flow.client(), built_.mark(4.9), true);
    EXPECT_EQ(evaluate().flows[0].inconclusive, InconclusiveReason::capture_ended);
    ObservationBuilder::count(flow.client(), built_.mark(5.1), true);
    EXPECT_EQ(evaluate().flows[0].reason, BlockReason::udp_timeout)
        << "the client asks on, and that shows that waiting was recorded";
    flow.server().packets = 1;
    EXPECT_NE(evaluate().flows[0].outcome, Outcome::blocked) << "an answer outweighs the wait";
}

TEST_F(EvaluateTest, AnIcmpErrorOfTheClientItselfDoesNotCount) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    auto& flow = built_.ice("203.0.113.9", 3478, 1, false);
    auto& error = built_.observation.icmp.emplace_back();
    error.at = built_.mark(2);
    error.type = 3;
    error.code = 13;
    error.source = flow.client().address();
    flow.rare.make().icmp.push_back(0);
    built_.goes_on_until(20);
    EXPECT_EQ(evaluate().flows[0].reason, BlockReason::udp_timeout);
    built_.observation.icmp[0].source = address("192.0.2.1");
    const auto result = evaluate();
    EXPECT_EQ(result.flows[0].reason, BlockReason::icmp_prohibited);
    EXPECT_EQ(result.flows[0].grade, Grade::a);
}

TEST_F(EvaluateTest, ANameThatFailedBesideOneThatResolvedBlocksNoRequirement) {
    built_.query("a.acme.example.com", 0, {}, "192.168.10.21", 0, 3);
    built_.query("b.acme.example.com", 1, {"203.0.113.1"});
    built_.goes_on_until(20);
    const auto result = evaluate();
    EXPECT_EQ(requirement(result, "signal", "443").status, Status::unmatched);
    ASSERT_FALSE(result.domains.empty());
    EXPECT_EQ(result.domains[0].status, Status::observed);
    EXPECT_EQ(result.domains[0].reason, BlockReason::dns_nxdomain);
}

TEST_F(EvaluateTest, ADnsFailureCountsAgainstTheMostSpecificRuleOnly) {
    built_.query("turn.acme.example.com", 0, {}, "192.168.10.21", 0, 3);
    built_.goes_on_until(20);
    const auto result = evaluate();
    EXPECT_EQ(requirement(result, "media", "3478").status, Status::blocked);
    EXPECT_EQ(requirement(result, "media", "3478").reason, BlockReason::dns_nxdomain);
    EXPECT_EQ(requirement(result, "media", "3478").stage, Stage::dns);
    EXPECT_EQ(requirement(result, "signal", "443").status, Status::unmatched);
    EXPECT_EQ(requirement(result, "direct", "1024-65535").status, Status::unmatched)
        << "ANY covers no name";
}

TEST_F(EvaluateTest, AnAnswerToAnyClientOutweighsADnsFailure) {
    built_.query("turn.acme.example.com", 0, {}, "192.168.10.21", 0, 3);
    built_.query("turn.acme.example.com", 1, {"203.0.113.9"}, "192.168.10.22");
    built_.goes_on_until(20);
    EXPECT_EQ(requirement(evaluate(), "media", "3478").status, Status::unmatched);
}

TEST_F(EvaluateTest, TheMostFrequentReasonSpeaksForARequirement) {
    built_.query("api.acme.example.com", 0, {"203.0.113.1", "203.0.113.2", "203.0.113.3"});
    built_.unanswered_syns("203.0.113.1", 443, 1);
    built_.unanswered_syns("203.0.113.2", 443, 1);
    auto& reset = built_.unanswered_syns("203.0.113.3", 443, 1, 1);
    ObservationBuilder::count(
        reset.server(), reset.server_of(reset.tcp.make()).rst.make().at = built_.mark(1.1), false);
    reset.server_of(reset.tcp.make()).rst.make().before_syn_ack = true;
    built_.goes_on_until(20);
    const auto verdict = requirement(evaluate(), "signal", "443");
    EXPECT_EQ(verdict.blocked, 3U);
    EXPECT_EQ(verdict.reason, BlockReason::tcp_timeout);
    EXPECT_EQ(verdict.grade, Grade::c);
}

TEST_F(EvaluateTest, TwoMarksOfInjectionConfirmAReset) {
    auto& flow = built_.unanswered_syns("203.0.113.3", 443, 1, 1);
    ObservationBuilder::count(
        flow.server(), flow.server_of(flow.tcp.make()).rst.make().at = built_.mark(1.1), false);
    flow.server_of(flow.tcp.make()).rst.make().marks =
        static_cast<std::uint8_t>(facts::ResetMark::ip_id);
    EXPECT_EQ(evaluate().flows[0].grade, Grade::c) << "one mark may be chance";
    flow.server_of(flow.tcp.make()).rst.make().marks |=
        static_cast<std::uint8_t>(facts::ResetMark::tcp_timestamp);
    EXPECT_EQ(evaluate().flows[0].grade, Grade::c) << "a stack without timestamps has both";
    flow.server_of(flow.tcp.make()).rst.make().marks |=
        static_cast<std::uint8_t>(facts::ResetMark::data_after);
    EXPECT_EQ(evaluate().flows[0].grade, Grade::a);
}

TEST_F(EvaluateTest, ADnsAnswerIsNoControlForATcpFailure) {
    built_.query("api.acme.example.com", 0, {"203.0.113.1"});
    auto& dns = built_.flow(facts::Transport::udp, "192.168.10.21", "198.51.100.53", 53);
    dns.protocol = facts::Protocol::dns;
    ObservationBuilder::count(dns.client(), built_.mark(0), true);
    ObservationBuilder::count(dns.server(), built_.mark(0.01), true);
    built_.unanswered_syns("203.0.113.1", 443, 1);
    built_.goes_on_until(20);
    EXPECT_EQ(evaluate().flows[1].grade, Grade::c);
}

TEST_F(EvaluateTest, TheFallbackThatCarriedTheCallIsTold) {
    auto& rules = catalog_[0].rules;
    rules[0].alternative_group = rules[1].alternative_group = "media";
    rules[0].alternative_branch = "tls";
    rules[1].alternative_branch = "udp";
    rules[0].preference = 2;
    rules[1].preference = 1;
    rules[1].expects = {catalog::Expectation::stun, catalog::Expectation::turn};
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    built_.ice("203.0.113.9", 3478, 1, false).stun.make().ice = false;
    auto& tls = built_.connection("203.0.113.1", 443, "api.acme.example.com", 2);
    built_.goes_on_until(20);
    ASSERT_EQ(evaluate().alternatives.size(), 1U);
    EXPECT_EQ(evaluate().alternatives[0].state, AlternativeState::fails)
        << "a handshake carries no call";
    for (auto* direction : {&tls.client(), &tls.server()}) {
        direction->packets = 60;
        direction->bytes = 30'000;
        direction->last = built_.mark(12);
    }
    const auto result = evaluate();
    ASSERT_EQ(result.alternatives.size(), 1U);
    EXPECT_EQ(result.alternatives[0].state, AlternativeState::fallback);
    EXPECT_THAT(result.alternatives[0].text, HasSubstr("works, but over the fallback"));
    EXPECT_THAT(result.alternatives[0].text, HasSubstr("blocked: media (udp 3478)"));
}

TEST_F(EvaluateTest, UndocumentedTrafficIsListedWithTheNearestRow) {
    built_.connection("203.0.113.1", 8443, "api.acme.example.com", 1);
    built_.connection("203.0.113.1", 443, "www.example.com", 2);
    const auto result = evaluate();
    ASSERT_EQ(result.undocumented.size(), 2U);
    EXPECT_EQ(result.undocumented[0].what, "undocumented port");
    EXPECT_EQ(result.undocumented[0].detail, "tcp 8443 to api.acme.example.com");
    EXPECT_EQ(result.undocumented[0].nearest->id, "signal");
    EXPECT_EQ(result.undocumented[1].what, "undocumented name");
}

TEST_F(EvaluateTest, DestinationsMayBeFoundOnSeveralThreadsBesideTheVerdicts) {
    constexpr std::size_t connections = 5'000;
    for (std::size_t i = 0; i < connections; ++i) {
        const bool named = i % 3 != 0;
        built_.connection("203.0.113.1", 443, named ? "api.acme.example.com" : "www.example.com",
                          static_cast<double>(i));
    }
    const std::vector<const catalog::Revision*> considered{catalog_.data()};
    const catalog::Index index(considered);
    Evaluation evaluation(built_.observation, index);
    {
        const std::jthread one([&] { evaluation.find_destinations(); });
        const std::jthread other([&] { evaluation.find_destinations(); });
        evaluation.judge_flows();
        evaluation.find_destinations();
    }
    evaluation.compare_flows();
    const auto& flows = evaluation.result().flows;
    ASSERT_EQ(flows.size(), connections);
    for (std::size_t i = 0; i < connections; ++i) {
        EXPECT_EQ(flows[i].attribution->rules.empty(), i % 3 == 0) << i;
        EXPECT_EQ(flows[i].outcome, Outcome::passed) << i;
    }
}

TEST_F(EvaluateTest, EvidenceIsInOrderAndNamesRealPackets) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 1);
    const auto result = evaluate();
    EXPECT_THAT(result.flows[0].evidence, ::testing::ElementsAre(1, 2, 4, 5));
}

TEST_F(EvaluateTest, ARowThatIsNotInForceYetDemandsNothing) {
    catalog_[0].rules[1].effective_from = at(86'400.0 * 30);
    built_.goes_on_until(1);
    const auto early = evaluate();
    EXPECT_EQ(level_of(requirement(early, "media", "3478")), catalog::Level::optional);
    EXPECT_THAT(condition_of(requirement(early, "media", "3478")), HasSubstr("announced"));
    catalog_[0].rules[1].effective_from = at(-86'400.0);
    const auto now = evaluate();
    EXPECT_EQ(level_of(requirement(now, "media", "3478")), catalog::Level::required);
    EXPECT_EQ(condition_of(requirement(now, "media", "3478")), "");
}

TEST_F(EvaluateTest, EncryptedDnsIsSaid) {
    built_.connection("203.0.113.8", 443, "cloudflare-dns.com", 1);
    EXPECT_THAT(evaluate().warnings, Contains(HasSubstr("encrypted DNS")));
    built_.observation.flows[0].server_name.make() = "www.example.org";
    EXPECT_THAT(evaluate().warnings, IsEmpty());
}

}  // namespace
}  // namespace turnpike::verdict
