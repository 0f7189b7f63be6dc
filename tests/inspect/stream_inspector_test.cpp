// What runs on a TCP connection: HTTP, proxies, DNS, TURN and framed media.
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);

Octets text(std::string_view value) {
    return Writer().text(value).done();
}

class StreamTest : public testing::Test {
  protected:
    Connection open(std::string_view address, std::uint16_t port) {
        Connection connection(scene, client, endpoint(address, port));
        connection.open();
        return connection;
    }
    Scene scene;
};

// ---- Where streams begin and end

// A server whose SYN-ACK did not arrive, or that forgot it, answers the SYN anew, with a sequence
// number of its own.
TEST_F(StreamTest, ASecondSynAckSaysWhereTheServersStreamBegins) {
    Connection connection(scene, client, endpoint("192.0.2.1", 80));
    connection.syn();
    connection.syn_ack();
    connection.skip(1, 70'000);
    connection.syn_ack();
    connection.ack(0);
    connection.send(0, text("GET / HTTP/1.1\r\nHost: web.example\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 204 No Content\r\n\r\n"));
    EXPECT_EQ(scene.finish().flows.at(0).rare->http->status, 204U);
}

// As where a capture was replayed: the same numbers again.
TEST_F(StreamTest, WhatFollowsASynIsReadAgain) {
    const Octets encrypted{23, 3, 3, 0, 1, 7};
    for (int i = 0; i < 2; ++i) {
        Connection connection = open("192.0.2.1", 443);
        connection.send(0, tls_client_hello("web.example"));
        connection.send(1, tls_server_hello());
        connection.send(1, encrypted);
        connection.send(0, encrypted);
        scene.wait(seconds{2});
    }
    EXPECT_EQ(scene.finish().flows.size(), 1U);
    EXPECT_EQ(scene.finish().hellos.size(), 2U);
}

class ClosedStreamTest : public StreamTest {
  protected:
    /// What is known after a request whose last line comes so long after both ends' FIN.
    const facts::Flow& after(base::Duration silence) {
        Connection connection = open("192.0.2.1", 80);
        connection.send(0, text("GET / HTTP/1.1\r\n"));
        connection.fin(0);
        connection.fin(1);
        scene.wait(silence);
        scene.udp(client, endpoint("192.0.2.9", 9), {1});  // another flow takes the memory
        connection.send_at(0, -1, text("Host: web.example\r\n\r\n"));
        return scene.finish().flows.at(0);
    }
};

TEST_F(ClosedStreamTest, IsReadWhileStragglersMayCome) {
    EXPECT_EQ(*after(seconds{5}).server_name, "web.example");
}

TEST_F(ClosedStreamTest, IsReadNoMoreWhenNothingCanCome) {
    EXPECT_EQ(*after(seconds{10}).server_name, "");
}

// ---- HTTP

TEST_F(StreamTest, HttpRequestAndAnswer) {
    Connection connection = open("192.0.2.1", 80);
    connection.send(0, text("GET /x HTTP/1.1\r\nHost: "));
    connection.send(0, text("Web.example:80\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::http);
    EXPECT_EQ(flow.rare->http->method, "GET");
    EXPECT_EQ(flow.rare->http->host, "Web.example:80");
    EXPECT_EQ(*flow.server_name, "Web.example");
    EXPECT_EQ(flow.server_name_source, facts::NameSource::http_host);
    EXPECT_EQ(flow.rare->http->request.number, 5U);
    EXPECT_EQ(flow.rare->http->response.number, 6U);
    EXPECT_EQ(flow.rare->http->status, 403U);
}

TEST_F(StreamTest, InterimAnswersAreNotTheFinalOne) {
    Connection connection = open("192.0.2.1", 80);
    connection.send(0, text("POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 100 Continue\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 302 Found\r\nLocation: http://block.example/\r\n\r\n"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.rare->http->status, 302U);
    EXPECT_EQ(flow.rare->http->location, "http://block.example/");
}

TEST_F(StreamTest, RequestInTheMiddleOfAConnectionIsFound) {
    Connection connection(scene, client, endpoint("192.0.2.1", 80));
    connection.send(1, Octets(700, 'x'));  // the end of a body whose beginning was not captured
    connection.send(0, text("GET / HTTP/1.1\r\nHost: late.example\r\n\r\n"));
    EXPECT_EQ(*scene.finish().flows.at(0).server_name, "late.example");
}

// ---- proxies

TEST_F(StreamTest, TlsInsideAnHttpTunnel) {
    Connection connection = open("10.0.0.1", 3128);
    connection.send(0, text("CONNECT meet.example:443 HTTP/1.1\r\nHost: meet.example:443\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 200 Connection established\r\n\r\n"));
    connection.send(0, tls_client_hello("sfu.meet.example"));
    connection.send(1, tls_server_hello());
    facts::Observation& seen = scene.finish();
    const facts::Flow& flow = seen.flows.at(0);
    EXPECT_EQ(flow.rare->proxy->target_host, "meet.example");
    EXPECT_EQ(flow.rare->proxy->target_port, 443U);
    EXPECT_EQ(flow.rare->proxy->status, 200U);
    EXPECT_TRUE(flow.rare->proxy->established);
    EXPECT_EQ(flow.rare->proxy->request.number, 4U);
    EXPECT_EQ(flow.rare->proxy->response.number, 5U);
    EXPECT_EQ(flow.rare->proxy->client_payload.number, 6U);
    EXPECT_EQ(flow.rare->proxy->server_payload.number, 7U);
    EXPECT_EQ(*flow.server_name, "sfu.meet.example");
    EXPECT_EQ(flow.server_name_source, facts::NameSource::sni);
    EXPECT_EQ(flow.protocol, facts::Protocol::tls);
    ASSERT_EQ(seen.hellos.size(), 1U);
}

TEST_F(StreamTest, ChallengeOfTheProxyThenSuccess) {
    Connection connection = open("10.0.0.1", 3128);
    connection.send(0, text("CONNECT a.example:443 HTTP/1.1\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 407 Proxy Authentication Required\r\n"
                            "Content-Length: 5\r\n\r\nnope!"));
    connection.send(0, text("CONNECT a.example:443 HTTP/1.1\r\n"
                            "Proxy-Authorization: Basic eA==\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 200 OK\r\n\r\n"));
    connection.send(0, tls_client_hello("a.example"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_TRUE(flow.rare->proxy->established);
    EXPECT_EQ(flow.rare->proxy->status, 200U);
    EXPECT_EQ(flow.rare->proxy->request.number, 6U);
    EXPECT_TRUE(flow.tls->client_hello);
}

TEST_F(StreamTest, RefusalOfTheProxyKeepsItsStatus) {
    Connection connection = open("10.0.0.1", 3128);
    connection.send(0, text("CONNECT a.example:443 HTTP/1.1\r\n\r\n"));
    connection.send(1, text("HTTP/1.1 403 Forbidden\r\n\r\n"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_FALSE(flow.rare->proxy->established);
    EXPECT_EQ(flow.rare->proxy->status, 403U);
    EXPECT_EQ(flow.server_name_source, facts::NameSource::connect);
}

TEST_F(StreamTest, SocksTargetAndWhatRunsInside) {
    Connection connection = open("10.0.0.1", 1080);
    connection.send(0, Writer().u8(5).u8(1).u8(0).done());
    connection.send(1, Writer().u8(5).u8(0).done());
    connection.send(
        0, Writer().u8(5).u8(1).u8(0).u8(3).prefixed8(base::as_bytes("m.example")).u16(443).done());
    connection.send(1, Writer().u8(5).u8(0).u8(0).u8(1).u32(0).u16(0).done());
    connection.send(0, tls_client_hello("m.example"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.rare->proxy->target_host, "m.example");
    EXPECT_EQ(flow.rare->proxy->target_port, 443U);
    EXPECT_EQ(flow.rare->proxy->status, 200U);
    EXPECT_TRUE(flow.tls->client_hello);
}

// Whoever says all at once decides how deep the proxies are; each step needs octets of both ends.
TEST_F(StreamTest, ProxiesInsideProxiesAreReadByTurns) {
    constexpr std::uint32_t depth = 2'000;
    Writer client_says;
    Writer server_says;
    for (std::uint32_t i = 0; i < depth; ++i) {
        client_says.u8(5).u8(1).u8(0);
        client_says.u8(5).u8(1).u8(0).u8(1).u32(0x0a000001U + i).u16(443);
        server_says.u8(5).u8(0);
        server_says.u8(5).u8(0).u8(0).u8(1).u32(0).u16(0);
    }
    Connection connection = open("10.0.0.1", 1080);
    connection.send(
        0, client_says.bytes(base::as_bytes("GET / HTTP/1.1\r\nHost: m.example\r\n\r\n")).done());
    connection.send(1, server_says.done());
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.rare->proxy->target_host, "10.0.7.208");
    EXPECT_EQ(flow.rare->proxy->status, 200U);
    EXPECT_EQ(flow.rare->http->host, "m.example");
}

TEST_F(StreamTest, SocksRefusalIsACodeOfItsOwn) {
    Connection connection = open("10.0.0.1", 1080);
    connection.send(0, Writer().u8(5).u8(1).u8(0).done());
    connection.send(1, Writer().u8(5).u8(0).done());
    connection.send(0, Writer().u8(5).u8(1).u8(0).u8(1).u32(0x01020304).u16(443).done());
    connection.send(1, Writer().u8(5).u8(2).u8(0).u8(1).u32(0).u16(0).done());
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.rare->proxy->target_host, "1.2.3.4");
    EXPECT_EQ(flow.rare->proxy->status, 502U);
    EXPECT_FALSE(flow.rare->proxy->established);
}

// ---- DNS over TCP

TEST_F(StreamTest, SeveralDnsMessagesInOddPieces) {
    Connection connection = open("192.0.2.53", 53);
    const Octets first = dns_query(1, "a.example");
    const Octets second = dns_query(2, "b.example", 28);
    const Octets both = Writer().prefixed16(first).prefixed16(second).done();
    connection.send(0, slice(both, 0, 5));
    connection.send(0, slice(both, 5, both.size()));
    connection.send(1, Writer().prefixed16(dns_answer(1, "a.example", 0, {"192.0.2.7"})).done());
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.dns.size(), 2U);
    EXPECT_EQ(seen.dns[0].rcode, 0U);
    EXPECT_EQ(seen.dns[0].transport, facts::Transport::tcp);
    EXPECT_FALSE(seen.dns[1].rcode);
    EXPECT_EQ(seen.dns[1].type, 28U);
}

// ---- TURN over TCP

TEST_F(StreamTest, ChannelDataSplitOverSegments) {
    Connection connection = open("192.0.2.1", 443);
    connection.send(0, stun_message(allocate_request, 1));
    connection.send(1, stun_message(allocate_success, 1));
    Writer stream;
    for (unsigned i = 0; i < 6; ++i) {
        stream.bytes(channel_data(0x4001, rtp(111, 10 + i, 960 * i, 0xabcd, 61), true));
    }
    const Octets all = stream.done();
    for (std::size_t at = 0; at < all.size(); at += 50) {
        connection.send(0, slice(all, at, at + 50));
    }
    facts::Observation& seen = scene.finish();
    const facts::Flow& flow = seen.flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::turn);
    EXPECT_EQ(flow.client_of(*flow.stun).channel_data, 6U);
    ASSERT_EQ(seen.rtp.size(), 1U);
    EXPECT_EQ(seen.rtp[0].packets, 6U);
    EXPECT_EQ(seen.rtp[0].lost, 0);
    EXPECT_TRUE(flow.media->through_relay);
    EXPECT_EQ(flow.client_of(*flow.media).rtp_packets, 6U);
}

TEST_F(StreamTest, TwoStunMessagesInASegment) {
    Connection connection = open("192.0.2.1", 3478);
    connection.send(0, Writer()
                           .bytes(stun_message(allocate_request, 1))
                           .bytes(stun_message(binding_request, 2))
                           .done());
    connection.send(1, Writer()
                           .bytes(stun_message(allocate_error, 1, {stun_error_code(401, "No")}))
                           .bytes(stun_message(binding_success, 2))
                           .done());
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.stun.size(), 2U);
    EXPECT_EQ(seen.stun[0].error_code, 401U);
    EXPECT_EQ(seen.stun[1].outcome, facts::StunOutcome::success);
}

TEST_F(StreamTest, TurnFindsItsStepAgainAfterAGapInTheCapture) {
    Connection connection = open("192.0.2.1", 3478);
    connection.send(0, stun_message(allocate_request, 1));
    connection.send(1, stun_message(allocate_success, 1));
    connection.send(0, slice(channel_data(0x4001, Octets(400, 1)), 0, 100));
    connection.skip(0, 304);
    connection.ack(1);
    for (unsigned i = 0; i < 8; ++i) {
        connection.send(0, channel_data(0x4001, rtp(111, i, i, 7, 60), true));
    }
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_GE(flow.client_of(*flow.stun).channel_data, 5U);
}

TEST_F(StreamTest, FramedCallOverTcp) {
    Connection connection(scene, client, endpoint("192.0.2.1", 9'000));
    connection.open();
    connection.send(0, Writer().prefixed16(stun_message(binding_request, 1)).done());
    connection.send(1, Writer().prefixed16(stun_message(binding_success, 1)).done());
    for (unsigned i = 0; i < 3; ++i) {
        connection.send(1, Writer().prefixed16(rtp(0, i, 160 * i, 0x77)).done());
    }
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.rtp.size(), 1U);
    EXPECT_EQ(seen.flows[0].direction_of(seen.rtp[0].side), facts::Direction::in);
    EXPECT_EQ(seen.rtp[0].packets, 3U);
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::rtp);
}

// ---- OpenVPN

// A control packet of a session without tls-auth, with its length in front.
Octets openvpn(unsigned opcode, unsigned number, const Octets& tls = {}) {
    const Octets session(8, 0x5a);
    const Octets packet =
        Writer().u8(opcode << 3U).bytes(session).u8(0).u32(number).bytes(tls).done();
    return Writer().prefixed16(packet).done();
}

TEST_F(StreamTest, TheHelloInsideOpenVpnIsRead) {
    Connection connection = open("192.0.2.1", 1194);
    connection.send(0, openvpn(7, 0));
    connection.send(1, openvpn(8, 0));
    connection.send(0, openvpn(4, 1, tls_client_hello("vpn.example")));
    connection.send(1, openvpn(4, 1, tls_server_hello()));
    const facts::Observation& seen = scene.finish();
    const facts::Flow& flow = seen.flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::tls);
    EXPECT_EQ(*flow.server_name, "vpn.example");
    EXPECT_EQ(flow.tls->client_hello.number, 6U);
    EXPECT_EQ(flow.tls->server_hello.number, 7U);
    EXPECT_EQ(seen.hellos.size(), 1U);
}

TEST_F(StreamTest, OpenVpnWithoutAHelloStaysOpenVpn) {
    Connection connection = open("192.0.2.1", 1194);
    connection.send(0, openvpn(7, 0));
    connection.send(1, openvpn(8, 0));
    connection.send(0, openvpn(6, 0, Octets(40, 0x7f)));
    EXPECT_EQ(scene.finish().flows.at(0).protocol, facts::Protocol::openvpn);
}

}  // namespace
}  // namespace turnpike::inspect::test
