// What who made the traffic knows of it: rows, witnesses, and who owed an answer.
#include "verdict/declare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;
using ::testing::Contains;
using ::testing::Not;

constexpr auto server = "203.0.113.2";

class DeclareTest : public ::testing::Test {
  protected:
    DeclareTest()
        : revision_(revision("acme", "calls",
                             {rule("one", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                              rule("two", {port(Transport::tcp, 443)}, {"*.other.example.com"})})) {
        built_.goes_on_until(150);
    }
    void declare(const facts::Flow& flow, Declared declared) {
        const auto& row = revision_.rules.back();
        declared.rows.push_back({&revision_, &row, &row.ports.front()});
        declarations_.add(flow.transport, flow.client().endpoint, flow.server().endpoint,
                          std::move(declared));
    }
    RunResult result() {
        EvaluateOptions options;
        options.declared = &declarations_;
        return evaluate(built_.observation, {&revision_}, options);
    }
    FlowVerdict verdict() { return result().flows.at(0); }

    catalog::Revision revision_;
    ObservationBuilder built_;
    Declarations declarations_;
};

TEST_F(DeclareTest, AFlowBelongsToTheRowItWasTriedFor) {
    declare(built_.connection(server, 443, "a.acme.example.com", 100), {});
    const auto told = result();
    EXPECT_EQ(told.requirements.at(0).status, Status::unmatched);
    EXPECT_EQ(told.requirements.at(1).status, Status::observed);
}

TEST_F(DeclareTest, WhatTheFarEndNeverSawIsConfirmed) {
    Declared declared;
    declared.witness = Witness{};
    declare(built_.unanswered_syns(server, 443, 100), declared);
    EXPECT_EQ(verdict().outcome, Outcome::blocked);
    EXPECT_EQ(verdict().grade, Grade::a);
    EXPECT_THAT(*verdict().notes, Contains("never_arrived"));
}

TEST_F(DeclareTest, AnAnswerThatTheFarEndSentIsLostOnTheWayBack) {
    Declared declared;
    declared.witness =
        Witness{.arrived = true, .words = false, .connected = false, .answered = true};
    declare(built_.unanswered_syns(server, 443, 100), declared);
    EXPECT_EQ(verdict().grade, Grade::a);
    EXPECT_THAT(*verdict().notes, Contains("answer_lost"));
}

TEST_F(DeclareTest, WithoutAWitnessAFailureIsOnlySuspected) {
    declare(built_.unanswered_syns(server, 443, 100), {});
    EXPECT_EQ(verdict().outcome, Outcome::blocked);
    EXPECT_EQ(verdict().grade, Grade::c);
}

TEST_F(DeclareTest, WhoOwesNoAnswerIsNotBlockedBySilence) {
    Declared declared;
    declared.answer_is_due = false;
    declare(built_.unanswered_syns(server, 443, 100), declared);
    EXPECT_EQ(verdict().outcome, Outcome::inconclusive);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::no_answer);
}

TEST_F(DeclareTest, WhatAnsweredWithoutTheFarEndsKnowledgeIsNoted) {
    Declared declared;
    declared.witness =
        Witness{.arrived = true, .words = false, .connected = true, .answered = false};
    declare(built_.connection(server, 443, "a.other.example.com", 100), declared);
    EXPECT_THAT(*verdict().notes, Contains("answered_in_its_place"));
}

TEST_F(DeclareTest, APortalAnswersInTheFarEndsPlaceAndDropsNothing) {
    auto& flow = built_.connection(server, 80, "a.other.example.com", 100);
    auto& http = flow.rare.make().http.make();
    http.request = flow.client_of(*flow.tcp).payload;
    http.response = flow.server_of(*flow.tcp).payload;
    http.status = 302;
    http.host = "a.other.example.com";
    http.location = "http://login.portal.example/";
    Declared declared;
    declared.witness = Witness{};
    declare(flow, declared);
    EXPECT_EQ(verdict().reason, BlockReason::http_denied);
    EXPECT_EQ(verdict().grade, Grade::a);
    EXPECT_THAT(*verdict().notes, Contains("answered_in_its_place"));
    EXPECT_THAT(*verdict().notes, Not(Contains("never_arrived")));
}

TEST_F(DeclareTest, OtherTrafficIsJudgedAsEver) {
    built_.connection(server, 443, "a.acme.example.com", 100);
    EXPECT_EQ(result().requirements.at(0).status, Status::observed);
}

}  // namespace
}  // namespace turnpike::verdict
