// TLS facts from segments as they come: split, out of order, cut.
#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 443);

class TlsTest : public testing::Test {
  protected:
    facts::Observation& finish() { return scene.finish(); }
    Scene scene;
    Connection connection{scene, client, server};
};

TEST_F(TlsTest, HelloInOneSegment) {
    connection.open();
    connection.send(0, tls_client_hello("Meet.example"));
    connection.send(1, tls_server_hello());
    facts::Observation& seen = finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    const facts::TlsHello& hello = seen.hellos[0];
    EXPECT_EQ(hello.sni, "Meet.example");
    EXPECT_EQ(hello.alpn, "h2");
    EXPECT_EQ(hello.version, 0x0304);
    EXPECT_EQ(hello.at.number, 4U);
    EXPECT_FALSE(hello.ech);
    EXPECT_EQ(hello.ja4.view().substr(0, 10), "t13d0204h2");
    const facts::Flow& flow = seen.flows[0];
    EXPECT_EQ(flow.protocol, facts::Protocol::tls);
    EXPECT_EQ(*flow.server_name, "Meet.example");
    EXPECT_EQ(flow.server_name_source, facts::NameSource::sni);
    EXPECT_EQ(flow.tls->client_hello.number, 4U);
    EXPECT_EQ(flow.tls->server_hello.number, 5U);
    EXPECT_EQ(flow.tls->server_record.number, 5U);
}

// A post-quantum ClientHello in two to five segments, in every order that they can arrive in.
TEST_F(TlsTest, PostQuantumHelloInTwoToFiveSegmentsInAnyOrder) {
    const Octets hello = tls_client_hello("pq.example", 1'700);
    std::uint16_t port = 20'000;
    std::size_t orders = 0;
    for (std::size_t parts = 2; parts <= 5; ++parts) {
        std::vector<std::size_t> order;
        for (std::size_t part = 0; part < parts; ++part) {
            order.push_back(part);
        }
        do {
            Connection other(scene, endpoint("10.0.0.5", port++), server);
            other.open();
            const std::size_t step = hello.size() / parts + 1;
            for (const std::size_t part : order) {
                other.send_at(0, static_cast<std::int32_t>(part * step),
                              slice(hello, part * step, (part + 1) * step));
            }
            ++orders;
        } while (std::ranges::next_permutation(order).found);
    }
    facts::Observation& seen = finish();
    ASSERT_EQ(seen.hellos.size(), orders);
    for (const facts::TlsHello& found : seen.hellos) {
        EXPECT_EQ(found.sni, "pq.example");
        EXPECT_EQ(found.ja4, seen.hellos[0].ja4);
    }
}

TEST_F(TlsTest, OverlappingRetransmissionsDoNotDisturbTheHello) {
    connection.open();
    const Octets hello = tls_client_hello("a.example", 1'000);
    connection.send_at(0, 0, slice(hello, 0, 500));
    connection.send_at(0, 300, slice(hello, 300, 900));
    connection.send_at(0, 0, slice(hello, 0, 700));
    connection.send_at(0, 900, slice(hello, 900, hello.size()));
    ASSERT_EQ(finish().hellos.size(), 1U);
    EXPECT_EQ(finish().hellos[0].sni, "a.example");
}

TEST_F(TlsTest, FatalAlertAsTheServersFirstRecord) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, tls_alert(2, 40));
    const facts::TlsFacts& tls = *finish().flows[0].tls;
    EXPECT_EQ(tls.server_alert->at.number, 5U);
    EXPECT_EQ(tls.server_alert->code, 40U);
    EXPECT_EQ(tls.server_alert->hop_limit, connection.hop_limit[1]);
    EXPECT_TRUE(tls.server_alert->first_record);
    EXPECT_FALSE(tls.client_alert->at);
    EXPECT_FALSE(tls.plain_answer);
}

TEST_F(TlsTest, APageInPlainTextAnswersAClientHello) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, Writer()
                           .text("HTTP/1.1 302 Found\r\nLocation: http://blocked.example.net/\r\n"
                                 "Content-Length: 0\r\n\r\n")
                           .done());
    const facts::Flow& flow = finish().flows[0];
    EXPECT_EQ(flow.tls->plain_answer.number, 5U);
    EXPECT_FALSE(flow.tls->server_record);
    EXPECT_EQ(flow.rare->http->response.number, 5U);
    EXPECT_EQ(flow.rare->http->status, 302U);
    EXPECT_EQ(flow.rare->http->location, "http://blocked.example.net/");
}

TEST_F(TlsTest, PlainTextThatIsNoPageIsAnAnswerAllTheSame) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, Writer().text("SSH-2.0-OpenSSH_9.2\r\n").done());
    const facts::Flow& flow = finish().flows[0];
    EXPECT_EQ(flow.tls->plain_answer.number, 5U);
    EXPECT_FALSE(flow.rare->http->response);
}

TEST_F(TlsTest, WarningIsNoFatalAlert) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, tls_alert(1, 112));
    connection.send(1, tls_server_hello());
    EXPECT_FALSE(finish().flows[0].tls->server_alert->at);
    EXPECT_TRUE(finish().flows[0].tls->server_hello);
}

TEST_F(TlsTest, ClientThatMistrustsTheCertificateSaysSo) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, tls_server_hello());
    connection.send(0, tls_alert(2, 48));
    const facts::TlsFacts& tls = *finish().flows[0].tls;
    EXPECT_EQ(tls.client_alert->code, 48U);
    EXPECT_FALSE(tls.server_alert->at);
}

TEST_F(TlsTest, AlertAfterTheServersHelloIsNotItsFirstRecord) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, tls_server_hello());
    connection.send(1, tls_alert(2, 80));
    EXPECT_FALSE(finish().flows[0].tls->server_alert->first_record);
}

TEST_F(TlsTest, CutHelloKeepsItsNameAndSaysThatItWasCut) {
    connection.open();
    const Octets hello = tls_client_hello("cut.example", 900);
    wire::Packet packet =
        connection.make(0, Connection::ack_flag, connection.next(0), connection.next(1), hello);
    packet.payload = packet.payload.first(200);
    scene.play(packet);
    facts::Observation& seen = finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].sni, "cut.example");
    EXPECT_EQ(seen.hellos[0].ja4, "");
    EXPECT_TRUE(seen.flows[0].cut_before_decision);
}

TEST_F(TlsTest, HelloThatNeverBecomesWholeKeepsItsName) {
    connection.open();
    connection.send(0, slice(tls_client_hello("part.example", 3'000), 0, 1'400));
    facts::Observation& seen = finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].sni, "part.example");
}

TEST_F(TlsTest, HelloSeenMidwayProvesTheClient) {
    const base::Endpoint high = endpoint("192.0.2.1", 60'000);
    Connection other(scene, client, high);  // the client's port is the lower one
    other.ack(1);
    other.send(0, tls_client_hello("a.example"));
    facts::Observation& seen = finish();
    EXPECT_EQ(seen.flows[0].client().endpoint, client);
    EXPECT_TRUE(seen.flows[0].tcp->midstream);
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].tcp).payload.number, 2U);
}

TEST_F(TlsTest, NothingIsReadAfterTheHandshake) {
    connection.open();
    connection.send(0, tls_client_hello("a.example"));
    connection.send(1, tls_server_hello());
    connection.send(1, tls_application_data());
    connection.send(0, tls_application_data());
    connection.send(0, tls_client_hello("not.a.hello"));  // ciphertext may look like anything
    EXPECT_EQ(finish().hellos.size(), 1U);
}

TEST_F(TlsTest, DnsOverTlsHidesNames) {
    Connection other(scene, client, endpoint("192.0.2.53", 853));
    other.open();
    other.send(0, tls_client_hello("dns.example"));
    EXPECT_TRUE(finish().flows[0].encrypted_dns);
    EXPECT_EQ(finish().flows[0].protocol, facts::Protocol::tls);
}

}  // namespace
}  // namespace turnpike::inspect::test
