// The story of a TCP connection, from packets as a mirror port shows them.
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 443);
constexpr std::size_t from_client = 0;
constexpr std::size_t from_server = 1;

bool has(const facts::TcpEnd& facts, facts::ResetMark mark) {
    return (facts.rst->marks & static_cast<std::uint8_t>(mark)) != 0;
}

class TcpTrackerTest : public testing::Test {
  protected:
    const facts::TcpFacts& facts(std::size_t flow = 0) {
        return *scene.finish().flows.at(flow).tcp;
    }
    /// What the client of the first flow did, and its server.
    const facts::TcpEnd& asking() {
        const facts::Flow& flow = scene.finish().flows.at(0);
        return flow.client_of(*flow.tcp);
    }
    const facts::TcpEnd& answering() {
        const facts::Flow& flow = scene.finish().flows.at(0);
        return flow.server_of(*flow.tcp);
    }
    Scene scene;
    Connection connection{scene, client, server};
};

TEST_F(TcpTrackerTest, HandshakeAndFirstPayloadsAreMarked) {
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    connection.send(from_server, tls_server_hello());
    connection.fin(from_server);
    connection.fin(from_client);
    const facts::TcpFacts& tcp = facts();
    EXPECT_EQ(tcp.syn.number, 1U);
    EXPECT_EQ(tcp.syns, 1U);
    EXPECT_EQ(tcp.syn_ack.number, 2U);
    EXPECT_EQ(tcp.established.number, 3U);
    EXPECT_EQ(asking().payload.number, 4U);
    EXPECT_EQ(asking().payload_sends, 1U);
    EXPECT_TRUE(asking().payload_acked);
    EXPECT_EQ(answering().payload.number, 5U);
    EXPECT_EQ(answering().fin.number, 6U);
    EXPECT_EQ(asking().fin.number, 7U);
    EXPECT_FALSE(tcp.midstream);
    EXPECT_EQ(asking().unseen, 0U);
    EXPECT_EQ(answering().unseen, 0U);
}

class RestingConnectionTest : public TcpTrackerTest {
  protected:
    /// Closed by both ends, and so long ago that little is kept of it.
    RestingConnectionTest() {
        connection.open();
        connection.send(from_client, tls_client_hello("a.example"));
        connection.send(from_server, tls_server_hello());
        connection.fin(from_server);
        connection.fin(from_client);
        scene.wait(seconds{10});
        scene.udp(client, endpoint("192.0.2.9", 9), {1});  // another flow takes the memory
    }
};

TEST_F(RestingConnectionTest, GoesOnWhereItStood) {
    connection.ack(from_client);
    connection.send_at(from_server, -1, {0});
    EXPECT_EQ(scene.finish().flows.size(), 2U);
    EXPECT_EQ(scene.finish().flows[0].client().packets, 5U);
    EXPECT_FALSE(facts().midstream);
    EXPECT_EQ(facts().unseen(), 0U);
    EXPECT_EQ(answering().payload_sends, 1U);
}

TEST_F(RestingConnectionTest, KnowsAForeignReset) {
    connection.ids[from_server] = 10'000;
    connection.rst(from_server);
    EXPECT_TRUE(has(answering(), facts::ResetMark::ip_id));
}

TEST_F(RestingConnectionTest, ASynWithAnotherNumberOpensTheNextOne) {
    connection.restart(77'777);
    connection.syn();
    EXPECT_EQ(scene.finish().flows.size(), 3U);
    EXPECT_EQ(facts(2).syns, 1U);
}

TEST_F(TcpTrackerTest, RepeatedSynsOfOneInitialNumberAreOneAttempt) {
    connection.syn();
    scene.wait(seconds{1});
    connection.syn();
    scene.wait(seconds{2});
    connection.syn();
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.flows[0].tcp->syns, 3U);
    EXPECT_EQ(seen.flows[0].tcp->syn.number, 1U);
    EXPECT_EQ(seen.flows[0].tcp->last_syn.number, 3U);
    EXPECT_EQ(seen.flows[0].client().unreplied, 3U);
}

TEST_F(TcpTrackerTest, ARetryWithAnotherInitialNumberIsTheSameAttempt) {
    connection.syn();
    connection.rst(from_server);
    connection.restart(77'777);
    connection.syn();
    connection.syn_ack();
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.flows[0].tcp->syns, 2U);
    EXPECT_EQ(seen.flows[0].tcp->syn_ack.number, 4U);
    EXPECT_TRUE(seen.flows[0].server_of(*seen.flows[0].tcp).rst->at)
        << "until the client takes the answer";
}

TEST_F(TcpTrackerTest, TheAttemptThatARetrySavedHasNoReset) {
    connection.syn();
    connection.rst(from_server);
    connection.restart(77'777);
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_TRUE(seen.flows[0].tcp->established);
    EXPECT_TRUE(seen.flows[0].client_of(*seen.flows[0].tcp).payload);
    EXPECT_FALSE(seen.flows[0].server_of(*seen.flows[0].tcp).rst->at);
}

TEST_F(TcpTrackerTest, AnotherInitialNumberAMinuteLaterIsAnotherFlow) {
    connection.syn();
    connection.rst(from_server);
    scene.wait(seconds{61});
    connection.restart(77'777);
    connection.syn();
    connection.syn_ack();
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_TRUE(seen.flows[0].server_of(*seen.flows[0].tcp).rst->before_syn_ack);
    EXPECT_FALSE(seen.flows[1].server_of(*seen.flows[1].tcp).rst->at);
}

TEST_F(TcpTrackerTest, AnotherInitialNumberAfterDataIsAnotherFlow) {
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    connection.rst(from_server);
    connection.restart(77'777);
    connection.syn();
    connection.syn_ack();
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_FALSE(seen.flows[1].server_of(*seen.flows[1].tcp).rst->at);
    EXPECT_EQ(seen.flows[1].tcp->syn_ack.number, 7U);
}

TEST_F(TcpTrackerTest, FirstPayloadSentAgainWithoutAcknowledgement) {
    connection.open();
    const Octets hello = tls_client_hello("a.example");
    connection.send(from_client, hello);
    for (int i = 0; i < 3; ++i) {
        scene.wait(seconds{1});
        connection.send_at(from_client, -static_cast<std::int32_t>(hello.size()), hello);
    }
    EXPECT_EQ(asking().payload_sends, 4U);
    EXPECT_EQ(asking().payload_again.number, 7U);
    EXPECT_FALSE(asking().payload_acked);
    EXPECT_EQ(asking().smallest_segment_lost, hello.size());
    EXPECT_EQ(asking().largest_segment_acked, 0U);
}

TEST_F(TcpTrackerTest, OnlyFullSizeSegmentsAreLost) {
    connection.open();
    connection.send(from_client, Octets(200, 1));
    connection.ack(from_server);
    connection.send(from_client, Octets(1'460, 2));
    scene.wait(seconds{1});
    connection.send_at(from_client, -1'460, Octets(1'460, 2));
    EXPECT_EQ(asking().largest_segment_acked, 200U);
    EXPECT_EQ(asking().smallest_segment_lost, 1'460U);
}

TEST_F(TcpTrackerTest, KeepAliveIsNoRetransmission) {
    connection.open();
    connection.send(from_client, Octets(1, 0));
    connection.ack(from_server);
    scene.wait(seconds{45});
    connection.send_at(from_client, -1, Octets(1, 0));
    EXPECT_EQ(asking().payload_sends, 1U);
}

TEST_F(TcpTrackerTest, AcknowledgedButNeverSeenIsUnseen) {
    connection.open();
    connection.send(from_client, Octets(100, 1));
    connection.skip(from_client, 1'000);  // lost to the capture, not to the server
    connection.ack(from_server);
    EXPECT_EQ(asking().unseen, 1'000U);
    EXPECT_EQ(answering().unseen, 0U);
}

TEST_F(TcpTrackerTest, DataThatTheMirrorDeliversAfterItsAcknowledgementIsSeen) {
    connection.open();
    connection.skip(from_client, 500);
    connection.ack(from_server);
    connection.send_at(from_client, -500, Octets(500, 1));
    EXPECT_EQ(asking().unseen, 0U);
    EXPECT_TRUE(asking().payload);
}

TEST_F(TcpTrackerTest, OneSidedCaptureShowsAcknowledgementsThatMove) {
    connection.syn();
    connection.ack(from_client);
    connection.send(from_client, tls_client_hello("a.example"));
    connection.skip(from_server, 3'000);
    connection.ack(from_client);
    const facts::TcpFacts& tcp = facts();
    EXPECT_TRUE(asking().acks_move);
    EXPECT_FALSE(answering().acks_move);
    EXPECT_FALSE(tcp.syn_ack);
    EXPECT_EQ(answering().unseen, 3'000U);
}

TEST_F(TcpTrackerTest, MidstreamHasNoSyn) {
    connection.send(from_client, Octets(10, 1));
    connection.send(from_server, Octets(10, 2));
    const facts::Observation& seen = scene.finish();
    EXPECT_TRUE(seen.flows[0].tcp->midstream);
    EXPECT_EQ(seen.flows[0].client().endpoint, client);
}

TEST_F(TcpTrackerTest, SynAckFirstMeansTheOtherSideIsTheClient) {
    connection.syn_ack();
    const facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows[0].client().endpoint, client);
    EXPECT_FALSE(seen.flows[0].tcp->midstream);
}

TEST_F(TcpTrackerTest, InjectedResetIsMarkedByIpIdAndKeepsItsHopLimit) {
    connection.open();
    connection.ack(from_server);
    connection.send(from_client, tls_client_hello("a.example"));
    connection.hop_limit[from_server] = 61;
    connection.ids[from_server] = 7;
    connection.rst(from_server);
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(answering().rst->hop_limit, 61U);
    EXPECT_EQ(flow.server().hop_limit, 52U) << "of the SYN-ACK";
    EXPECT_TRUE(has(answering(), facts::ResetMark::ip_id));
    EXPECT_FALSE(has(answering(), facts::ResetMark::tcp_timestamp));
    EXPECT_FALSE(answering().rst->before_syn_ack);
}

TEST_F(TcpTrackerTest, TheServersOwnResetHasNoMark) {
    connection.timestamps = true;
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    connection.ack(from_server);
    connection.rst(from_server);
    EXPECT_EQ(answering().rst->marks, 0U);
}

TEST_F(TcpTrackerTest, ZeroIdsOfResetsAreInLineWithZeroIdsOfSynAcks) {
    connection.ids[from_server].reset();
    connection.open();
    connection.ids[from_server] = 40'000;
    connection.send(from_client, Octets(100, 1));
    connection.ack(from_server);
    connection.ids[from_server].reset();
    connection.rst(from_server);
    EXPECT_EQ(answering().rst->marks, 0U);
}

TEST_F(TcpTrackerTest, ResetWithoutTheNegotiatedTimestampIsMarked) {
    connection.timestamps = true;
    connection.open();
    connection.timestamps = false;
    connection.rst(from_server);
    EXPECT_TRUE(has(answering(), facts::ResetMark::tcp_timestamp));
}

TEST_F(TcpTrackerTest, ServerDataAfterTheResetIsAMark) {
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    connection.rst(from_server);
    connection.send(from_server, tls_server_hello());
    EXPECT_TRUE(has(answering(), facts::ResetMark::data_after));
    EXPECT_EQ(answering().rst->payload_after.number, 6U);
    EXPECT_LT(answering().rst->at.number, answering().payload.number);
}

TEST_F(TcpTrackerTest, HopLimitOfTheServerMayBecomeKnownAfterTheReset) {
    connection.syn();
    connection.hop_limit[from_server] = 62;
    connection.rst(from_server);
    connection.hop_limit[from_server] = 50;
    connection.syn_ack();
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_TRUE(flow.server_of(*flow.tcp).rst->before_syn_ack);
    EXPECT_EQ(flow.server_of(*flow.tcp).rst->hop_limit, 62U);
    EXPECT_EQ(flow.server().hop_limit, 50U) << "a reset is no sample of its server";
}

TEST_F(TcpTrackerTest, AHandshakeThatIsTakenAfterAResetMakesItForgotten) {
    connection.syn();
    connection.rst(from_server);
    connection.syn_ack();
    connection.ack(from_client);
    connection.send(from_client, tls_client_hello("a.example"));
    const facts::TcpFacts& tcp = facts();
    EXPECT_TRUE(tcp.established);
    EXPECT_FALSE(answering().rst->at);
    EXPECT_FALSE(answering().rst->before_syn_ack);
    EXPECT_EQ(answering().rst->marks, 0U);
}

TEST_F(TcpTrackerTest, ASecondSynAckWithAnotherNumberIsWhatTheServerGoesOnWith) {
    connection.syn();
    connection.segment(from_server, Connection::syn_flag | Connection::ack_flag, 90'000'000,
                       connection.next(from_client), {});
    connection.syn_ack();
    connection.ack(from_client);
    connection.send(from_client, Octets(100, 1));
    connection.send(from_server, Octets(100, 2));
    const facts::TcpFacts& tcp = facts();
    EXPECT_TRUE(tcp.established);
    EXPECT_TRUE(answering().payload);
    EXPECT_EQ(answering().unseen, 0U);
}

TEST_F(TcpTrackerTest, ACloseThatAcknowledgesEverythingIsToldFromOneThatDoesNot) {
    connection.open();
    connection.send(from_client, Octets(100, 1));
    connection.fin(from_server);
    EXPECT_TRUE(answering().fin_acks_all);
    EXPECT_FALSE(answering().fin_after_unseen);
}

TEST_F(TcpTrackerTest, ACloseThatLeavesDataOutDoesNotAcknowledgeEverything) {
    connection.open();
    connection.send(from_client, Octets(100, 1));
    connection.segment(from_server, Connection::fin_flag | Connection::ack_flag,
                       connection.next(from_server), connection.next(from_client) - 100, {});
    EXPECT_TRUE(answering().fin);
    EXPECT_FALSE(answering().fin_acks_all);
}

TEST_F(TcpTrackerTest, ACloseBehindOctetsNobodySawIsNotedAsOne) {
    connection.open();
    connection.send(from_client, Octets(100, 1));
    connection.skip(from_server, 700);
    connection.fin(from_server);
    EXPECT_TRUE(answering().fin_after_unseen);
}

TEST_F(TcpTrackerTest, ResetsToBothEndsAtOnceAreAMark) {
    connection.open();
    connection.send(from_client, tls_client_hello("a.example"));
    const wire::Packet to_client =
        connection.make(from_server, Connection::rst_flag, connection.next(from_server), 0, {});
    const wire::Packet to_server =
        connection.make(from_client, Connection::rst_flag, connection.next(from_client), 0, {});
    scene.play(to_client);
    scene.wait(microseconds{200});
    scene.play_now(to_server);
    EXPECT_TRUE(has(answering(), facts::ResetMark::both_ends));
}

TEST_F(TcpTrackerTest, TextInAResetIsNoPayload) {
    connection.open();
    connection.segment(from_server, Connection::rst_flag | Connection::ack_flag,
                       connection.next(from_server), connection.next(from_client), Octets(20, 'x'));
    EXPECT_FALSE(answering().payload);
    EXPECT_EQ(scene.finish().flows[0].server().payload_packets, 0U);
}

TEST_F(TcpTrackerTest, SequenceNumbersWrap) {
    connection.restart(0xffffff00U);
    connection.open();
    for (int i = 0; i < 4; ++i) {
        connection.send(from_client, Octets(200, 1));
        connection.ack(from_server);
    }
    EXPECT_EQ(asking().unseen, 0U);
    EXPECT_TRUE(answering().acks_move);
}

}  // namespace
}  // namespace turnpike::inspect::test
