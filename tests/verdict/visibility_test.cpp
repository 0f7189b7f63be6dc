// What a capture could not have seen.
#include "verdict/visibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;

constexpr auto host = "192.168.10.21";

facts::Flow syns_only() {
    ObservationBuilder built;
    return built.unanswered_syns("203.0.113.1", 443, 0);
}

facts::Flow datagrams_only() {
    ObservationBuilder built;
    auto& flow = built.flow(facts::Transport::udp, host, "203.0.113.1", 3478);
    for (const double time : {0, 1, 2}) {
        ObservationBuilder::count(flow.client(), built.mark(time), true);
    }
    return flow;
}

// ---- one flow

TEST(BehavesAsAnswered, WhoOnlyRepeatsIsTrulyUnanswered) {
    EXPECT_FALSE(Visibility::behaves_as_answered(syns_only()));
    EXPECT_FALSE(Visibility::behaves_as_answered(datagrams_only()));
    ObservationBuilder built;
    EXPECT_FALSE(Visibility::behaves_as_answered(built.ice("203.0.113.1", 3478, 0, false)));
}

TEST(BehavesAsAnswered, AcknowledgementsThatMove) {
    auto flow = syns_only();
    flow.client_of(flow.tcp.make()).acks_move = true;
    EXPECT_TRUE(Visibility::behaves_as_answered(flow));
}

TEST(BehavesAsAnswered, DataAfterASynFollowAnAnswerAndDataInASynDoNot) {
    auto flow = syns_only();
    auto& tcp = flow.tcp.make();
    flow.client_of(tcp).payload = tcp.syn;  // RFC 7413
    EXPECT_FALSE(Visibility::behaves_as_answered(flow));
    flow.client_of(tcp).payload = {tcp.last_syn.number + 1, at(9)};
    EXPECT_TRUE(Visibility::behaves_as_answered(flow));
}

TEST(BehavesAsAnswered, OnlyTheServersSideOfAConnection) {
    facts::Flow flow;
    flow.tcp.make().syn_ack = {1, at(0)};
    ObservationBuilder::count(flow.server(), {1, at(0)}, false);
    EXPECT_TRUE(Visibility::behaves_as_answered(flow));
    ObservationBuilder::count(flow.client(), {2, at(0.1)}, false);
    EXPECT_FALSE(Visibility::behaves_as_answered(flow)) << "both directions are there";
}

TEST(BehavesAsAnswered, SecondFlightsAndNoncesFollowAnAnswer) {
    auto dtls = datagrams_only();
    dtls.rare.make().dtls.make().second_flight = dtls.client().last;
    EXPECT_TRUE(Visibility::behaves_as_answered(dtls));
    auto quic = datagrams_only();
    quic.client_of(quic.rare.make().quic.make()).second_flight = quic.client().last;
    EXPECT_TRUE(Visibility::behaves_as_answered(quic));
    auto turn = datagrams_only();
    turn.client_of(turn.stun.make()).with_nonce = true;
    EXPECT_TRUE(Visibility::behaves_as_answered(turn));
    ObservationBuilder::count(turn.server(), {9, at(3)}, true);
    EXPECT_FALSE(Visibility::behaves_as_answered(turn)) << "the answer is there";
}

TEST(BehavesAsAnswered, MediaIsSentToWhoAgreed) {
    auto flow = datagrams_only();
    flow.client_of(flow.media.make()).rtp_packets = 3;
    EXPECT_FALSE(Visibility::behaves_as_answered(flow)) << "media alone show no answer";
    flow.client_of(flow.stun.make()).requests = 1;
    EXPECT_TRUE(Visibility::behaves_as_answered(flow));
    flow.client_of(flow.stun.make()).repeated = flow.client().last;
    EXPECT_FALSE(Visibility::behaves_as_answered(flow)) << "a check is still sent again";
}

TEST(BehavesAsAnswered, DataThroughARelayFollowsItsAllocation) {
    auto flow = datagrams_only();
    auto& asking = flow.client_of(flow.stun.make());
    asking.channel_data = 5;
    asking.requests = 1;
    EXPECT_TRUE(Visibility::behaves_as_answered(flow));
    asking.repeated = flow.client().last;
    EXPECT_FALSE(Visibility::behaves_as_answered(flow));
}

// ---- a host

class VisibilityTest : public ::testing::Test {
  protected:
    void one_sided_connection() {
        auto& flow = built_.unanswered_syns("203.0.113.1", 443, 0, 1);
        flow.client_of(flow.tcp.make()).acks_move = true;
    }
    [[nodiscard]] Visibility visibility() const { return Visibility(built_.observation); }

    ObservationBuilder built_;
};

TEST_F(VisibilityTest, AClientOfWhichNothingComesBackIsOneSidedOnlyIfItActsAsAnswered) {
    built_.unanswered_syns("203.0.113.2", 443, 0);
    EXPECT_FALSE(visibility().one_sided(address(host)));
    EXPECT_FALSE(visibility().any_answer());
    one_sided_connection();
    EXPECT_TRUE(visibility().one_sided(address(host)));
    EXPECT_TRUE(visibility().any_one_sided());
    EXPECT_TRUE(visibility().one_sided(address("192.168.10.22"))) << "nothing came back to anybody";
    built_.connection("203.0.113.6", 443, "", 0, "192.168.10.23");
    EXPECT_TRUE(visibility().one_sided(address(host)));
    EXPECT_FALSE(visibility().one_sided(address("192.168.10.22")));
}

TEST_F(VisibilityTest, AsymmetricRoutingOfOneFlowIsNoOneSidedClient) {
    built_.connection("203.0.113.5", 443, "", 0);
    one_sided_connection();
    EXPECT_FALSE(visibility().one_sided(address(host)));
    EXPECT_TRUE(visibility().any_flow_one_sided());
    EXPECT_TRUE(visibility().any_answer());
}

TEST_F(VisibilityTest, AStrayAnswerDoesNotShowBothDirections) {
    built_.connection("203.0.113.5", 443, "", 0);
    for (int i = 0; i < 9; ++i) {
        one_sided_connection();
    }
    EXPECT_FALSE(visibility().one_sided(address(host)));
    one_sided_connection();
    EXPECT_TRUE(visibility().one_sided(address(host))) << "one in ten";
}

TEST_F(VisibilityTest, SilenceOfAOneSidedClientProvesNothingAndIsSaidOnce) {
    built_.unanswered_syns("203.0.113.2", 443, 0);
    one_sided_connection();
    built_.goes_on_until(20);
    const auto result = evaluate(built_.observation, std::vector<const catalog::Revision*>{});
    EXPECT_EQ(result.flows[0].inconclusive, InconclusiveReason::one_sided_capture);
    EXPECT_EQ(result.flows[1].inconclusive, InconclusiveReason::one_sided_capture);
    EXPECT_TRUE(result.one_sided);
    EXPECT_FALSE(result.any_answer);
    EXPECT_EQ(result.warnings.size(), 1U);
}

// ---- losses

TEST_F(VisibilityTest, OnlyATimeThatTouchesALossIsInDoubt) {
    built_.goes_on_until(0);
    built_.observation.quality.dropped = 1;
    built_.observation.quality.losses = {{at(30), at(40)}, {at(10), at(12)}};
    EXPECT_TRUE(visibility().lost_between(at(11), at(11.5)));
    EXPECT_TRUE(visibility().lost_between(at(0), at(10)));
    EXPECT_TRUE(visibility().lost_between(at(40), at(50)));
    EXPECT_FALSE(visibility().lost_between(at(13), at(29)));
    EXPECT_FALSE(visibility().lost_between(at(41), at(50)));
    EXPECT_FALSE(visibility().lossy());
}

TEST_F(VisibilityTest, AWideLossIsNotHiddenByNarrowOnesWithin) {
    built_.observation.quality.losses = {{at(0), at(100)}, {at(10), at(12)}, {at(20), at(21)}};
    EXPECT_TRUE(visibility().lost_between(at(50), at(51)));
}

TEST_F(VisibilityTest, LossAtUnknownTimesCountsFromOnePacketInAThousand) {
    auto& quality = built_.observation.quality;
    quality.packets = 99'900;
    quality.dropped = 100;
    EXPECT_FALSE(visibility().lossy());
    EXPECT_FALSE(visibility().lost_between(at(0), at(1)));
    quality.dropped = 101;
    EXPECT_TRUE(visibility().lossy());
    EXPECT_TRUE(visibility().lost_between(at(0), at(1)));
}

TEST_F(VisibilityTest, SegmentsThatNobodyCountedTellFromOneInAHundred) {
    auto& flow = built_.flow(facts::Transport::tcp, host, "203.0.113.1", 443);
    ObservationBuilder::count(flow.client(), built_.mark(0), true);
    ObservationBuilder::count(flow.server(), built_.mark(1), true);
    flow.server().packets = flow.server().payload_packets = 98;
    flow.server_of(flow.tcp.make()).unseen = 1460;
    EXPECT_FALSE(visibility().loses_segments());
    flow.server_of(flow.tcp.make()).unseen = 1461;
    EXPECT_TRUE(visibility().loses_segments());
}

TEST_F(VisibilityTest, OneAcknowledgementCannotMakeACaptureLossy) {
    for (int i = 0; i < 2; ++i) {
        auto& flow = built_.flow(facts::Transport::tcp, host, "203.0.113.1", 443);
        ObservationBuilder::count(flow.client(), built_.mark(0), true);
        ObservationBuilder::count(flow.server(), built_.mark(1), true);
        if (i == 0) {
            flow.server_of(flow.tcp.make()).unseen = std::uint64_t{1} << 30U;
        } else {
            flow.server().payload_packets = 100;
        }
    }
    EXPECT_FALSE(visibility().loses_segments());
}

TEST_F(VisibilityTest, WhatOneSideOfAConnectionLacksIsNoLoss) {
    auto& flow = built_.flow(facts::Transport::tcp, host, "203.0.113.1", 443);
    ObservationBuilder::count(flow.client(), built_.mark(0), true);
    flow.server_of(flow.tcp.make()).unseen = 100'000;
    EXPECT_FALSE(visibility().loses_segments());
}

}  // namespace
}  // namespace turnpike::verdict
