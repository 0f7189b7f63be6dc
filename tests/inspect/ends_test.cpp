// What an end of a flow did is told of that end, whenever it becomes known which one is the client.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "inspect/support/messages.h"
#include "inspect/support/quic.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

// Ports and addresses that say nothing, so that whoever speaks first is taken for the client.
const base::Endpoint service = endpoint("192.0.2.5", 60'000);
constexpr std::size_t client = 0;
constexpr std::size_t server = 1;

Octets text(std::string_view words) {
    return Writer().text(words).done();
}

std::string said(const facts::FlowEnd& end) {
    return fmt::format("{} packets {} bytes {} payload {} first {} last {} persisted {} {} {}",
                       to_string(end.endpoint), end.packets, end.bytes, end.payload_packets,
                       end.first.number, end.last.number, end.persisted, end.hop_limit,
                       end.unreplied);
}

std::string said(const facts::TcpEnd& end) {
    return fmt::format(
        "tcp payload {} again {} times {} acked {} fin {} {} {} rst {} {} {} after {} unseen {} "
        "acks {} segments {} {}",
        end.payload.number, end.payload_again.number, end.payload_sends, end.payload_acked,
        end.fin.number, end.fin_acks_all, end.fin_after_unseen, end.rst->at.number,
        end.rst->hop_limit, end.rst->marks, end.rst->payload_after.number, end.unseen,
        end.acks_move, end.largest_segment_acked, end.smallest_segment_lost);
}

std::string said(const facts::StunEnd& end) {
    return fmt::format(
        "stun requests {} {} responses {} error {} nonce {} repeated {} first {} "
        "data {} ufrag {}",
        end.requests, end.request_packets, end.responses, end.last_error, end.with_nonce,
        end.repeated.number, end.first_response.number, end.channel_data, end.ufrag);
}

std::string said(const facts::MediaEnd& end) {
    return fmt::format("media {} {} {} rtcp {} dtls {}", end.rtp_packets, end.rtp_first.number,
                       end.rtp_last.number, end.rtcp_packets, end.dtls_data);
}

std::string said(const facts::QuicEnd& end) {
    return fmt::format("quic {} initials {} {} {} {} {} then {} close {} {}", end.first.number,
                       end.initials, end.first_initial.number, end.second_initial.number,
                       end.last_initial.number, end.persisted, end.second_flight.number,
                       end.close.number, end.close_code);
}

std::string said(const facts::ProxyFacts& proxy) {
    return fmt::format("proxy request {} {}:{} response {} {} inside {} {}", proxy.request.number,
                       proxy.target_host, proxy.target_port, proxy.response.number, proxy.status,
                       proxy.client_payload.number, proxy.server_payload.number);
}

/// Everything that is kept by end, the client's first, and who sent each row.
std::string told(const facts::Observation& seen) {
    std::string all;
    for (const facts::Flow& flow : seen.flows) {
        for (const facts::Side side : {flow.client_side, flow.server_side()}) {
            all += fmt::format("{} second {}\n{}\n{}\n{}\n{}\n", said(flow.ends[side]),
                               flow.udp->second[side].number, said(flow.tcp->ends[side]),
                               said(flow.stun->ends[side]), said(flow.media->ends[side]),
                               said(flow.rare->quic->ends[side]));
        }
        all += fmt::format("{} {} http {} hello {} {}\n", to_string(flow.protocol),
                           *flow.server_name, flow.rare->http->request.number,
                           flow.tls->client_hello.number, said(*flow.rare->proxy));
    }
    for (const auto& row : seen.stun) {
        all += fmt::format("{} ", to_string(seen.flows[row.flow].direction_of(row.side)));
    }
    for (const auto& row : seen.rtp) {
        all += fmt::format("{} ", to_string(seen.flows[row.flow].direction_of(row.side)));
    }
    for (const auto& row : seen.dns) {
        all += fmt::format("{} asks {} ", to_string(row.client), to_string(row.resolver));
    }
    return all;
}

using Story = std::function<void(Scene&, const base::Endpoint& host)>;

Options with_network() {
    Options options{.hash_seed = 1};
    options.is_server = [](const base::IpAddress& address) { return address == service.address; };
    return options;
}

/// Plays the story twice: once it shows by itself who the client is, somewhere in the middle, and
/// once that is known from the first packet on. Nothing else may differ. `misleading` is a packet
/// before the story, in the first play only, which makes the server look like the client.
void expect_the_same_whenever_it_is_known(const Story& story, const Story& misleading = {}) {
    std::array<facts::Side, 2> sides{};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto host = endpoint(i == 0 ? "198.51.100.1" : "198.51.100.9", 50'000);
        Scene learning;
        Scene knowing(with_network());
        if (misleading) {
            misleading(learning, host);
            knowing.other_frame();
        }
        story(learning, host);
        story(knowing, host);
        const facts::Observation& seen = learning.finish();
        ASSERT_EQ(seen.flows.size(), 1U);
        EXPECT_EQ(seen.flows[0].client().endpoint, host);
        EXPECT_EQ(told(seen), told(knowing.finish()));
        sides[i] = seen.flows[0].client_side;
    }
    EXPECT_NE(sides[0], sides[1]) << "once the client is the one end, once the other";
}

/// A connection from its middle on: the server acknowledges something, so that it is taken for the
/// client; then the client asks, in two segments of which the first is lost once.
Story asking_midstream(const Octets& question, const Octets& answer) {
    return [=](Scene& scene, const base::Endpoint& host) {
        Connection connection(scene, host, service);
        connection.ack(server);
        const std::size_t half = question.size() / 2;
        connection.send(client, slice(question, 0, half));
        scene.wait(seconds{1});
        connection.send_at(client, -static_cast<std::int32_t>(half), slice(question, 0, half));
        connection.ack(server);
        connection.send(client, slice(question, half, question.size()));
        connection.skip(server, 300);  // the capture misses the front of the answer's packets
        connection.ack(client);
        connection.send(server, answer);
        connection.fin(server);
        connection.rst(client);
    };
}

Octets with_length(const Octets& message) {
    return Writer().u16(static_cast<unsigned>(message.size())).bytes(message).done();
}

TEST(Ends, ATlsClientIsKnownByItsHello) {
    expect_the_same_whenever_it_is_known(
        asking_midstream(tls_client_hello("a.example"), tls_server_hello()));
}

TEST(Ends, AnHttpClientIsKnownByItsRequest) {
    expect_the_same_whenever_it_is_known(
        asking_midstream(text("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
                         text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
}

TEST(Ends, ADnsClientOnTcpIsKnownByItsQuery) {
    const auto story = [](Scene& scene, const base::Endpoint& host) {
        Connection connection(scene, host, service);
        connection.ack(server);
        const Octets question = with_length(dns_query(7, "a.example"));
        connection.send(client, question);
        connection.send_at(client, -static_cast<std::int32_t>(question.size()), question);
        connection.send(server, with_length(dns_answer(7, "a.example", 0, {})));
        connection.rst(server);
        connection.send(server, Octets(10, 1));
    };
    expect_the_same_whenever_it_is_known(story);
}

TEST(Ends, ATurnClientOnTcpIsKnownByItsRequest) {
    expect_the_same_whenever_it_is_known(
        asking_midstream(stun_message(allocate_request, 1), stun_message(allocate_success, 1)));
}

TEST(Ends, AClientOfSipOnTcpIsKnownByItsRequest) {
    expect_the_same_whenever_it_is_known(
        asking_midstream(text("OPTIONS sip:a@192.0.2.5 SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"),
                         text("SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n")));
}

// SOCKS has too few marks to be recognised without the SYN, which is a proof by itself.
TEST(Ends, ASocksClientIsKnownByItsSyn) {
    const auto story = [](Scene& scene, const base::Endpoint& host) {
        Connection connection(scene, host, service);
        connection.open();
        connection.send(client, Writer().u8(5).u8(1).u8(0).done());
        connection.send(server, Writer().u8(5).u8(0).done());
        const Octets name = Writer().prefixed8(base::as_bytes("m.example")).u16(443).done();
        connection.send(client, Writer().u8(5).u8(1).u8(0).u8(3).done());
        connection.send_at(client, -4, Writer().u8(5).u8(1).u8(0).u8(3).done());
        connection.send(client, name);
        connection.send(server, Writer().u8(5).u8(0).u8(0).u8(1).u32(0).u16(0).done());
        connection.send(client, tls_client_hello("m.example"));
        connection.send(server, tls_server_hello());
        connection.rst(server);
    };
    expect_the_same_whenever_it_is_known(story, [](Scene& scene, const base::Endpoint& host) {
        scene.icmp("203.0.113.1", "192.0.2.5", 3, 1, service, host, 6);
    });
}

// [MS-TURN] 2.1.2. The server's answer to a check, which tells nothing, is cut in two by the proof.
TEST(Ends, AClientOfMsTurnIsKnownByItsRequest) {
    expect_the_same_whenever_it_is_known([](Scene& scene, const base::Endpoint& host) {
        constexpr unsigned control = 2;
        constexpr unsigned data = 3;
        const auto framed = [](unsigned type, const Octets& content) {
            return Writer().u8(type).u8(0).prefixed16(content).done();
        };
        Connection connection(scene, host, service);
        const Octets check = framed(control, stun_message(binding_success, 1));
        connection.send(server, slice(check, 0, 14));
        const Octets question = framed(control, stun_message(allocate_request, 2));
        connection.send(client, slice(question, 0, 13));
        connection.send_at(client, -13, slice(question, 0, 13));
        connection.send(client, slice(question, 13, question.size()));
        connection.send(server, slice(check, 14, check.size()));
        connection.send(server, framed(control, stun_message(allocate_success, 2)));
        for (unsigned i = 0; i < 4; ++i) {
            connection.send(client, framed(data, rtp(96, 100 + i, 160 * i, 0xaaaa)));
            connection.send(server, framed(data, rtp(96, 500 + i, 160 * i, 0xbbbb)));
            connection.send(server, framed(data, rtp(96, 600 + i, 160 * i, 0xbbbb)));
        }
        connection.fin(client);
    });
}

// What the server sends first cannot be read without the client's Initial, whose hello comes in
// two.
TEST(Ends, AClientOfQuicIsKnownByItsInitial) {
    using proto::QuicSide;
    expect_the_same_whenever_it_is_known([](Scene& scene, const base::Endpoint& host) {
        const Octets hello = handshake(1, client_hello_body("quic.example", "h3"));
        const std::size_t half = hello.size() / 2;
        const Octets answer = Writer()  // with CONNECTION_CLOSE (RFC 9000 19.19)
                                  .bytes(crypto_frame(0, slice(tls_server_hello(), 5, 200)))
                                  .u8(0x1c)
                                  .u8(7)
                                  .u8(0)
                                  .u8(0)
                                  .done();
        scene.udp(service, host, quic_initial(QuicSide::server, 0, Octets{1}));
        scene.udp(service, host, quic_handshake());
        const Octets front = crypto_frame(0, slice(hello, 0, half));
        scene.udp(host, service, quic_initial(QuicSide::client, 0, front));
        scene.wait(seconds{2});
        scene.udp(host, service, quic_initial(QuicSide::client, 1, front));
        const Octets rest = crypto_frame(half, slice(hello, half, hello.size()));
        scene.udp(host, service, quic_initial(QuicSide::client, 2, rest));
        scene.udp(host, service, quic_handshake());
        scene.udp(service, host, quic_initial(QuicSide::server, 1, answer));
    });
}

TEST(Ends, AClientOfDnsIsKnownByTheAnswer) {
    expect_the_same_whenever_it_is_known([](Scene& scene, const base::Endpoint& host) {
        scene.udp(service, host, dns_answer(7, "a.example", 0, {}));
        scene.udp(host, service, dns_query(8, "a.example"));
    });
}

// Media and ICE checks go both ways and tell nothing; only the Allocate does, late in the flow.
TEST(Ends, WhatWentBeforeTheProofIsToldOfTheEndThatSaidIt) {
    expect_the_same_whenever_it_is_known([](Scene& scene, const base::Endpoint& host) {
        const Octets username = stun_attribute(0x0006, text("their:mine"));
        const Octets priority = stun_attribute(0x0024, Octets{0x6e, 0, 1, 0xff});
        for (unsigned i = 0; i < 6; ++i) {
            scene.udp(service, host, rtp(96, 100 + i, 160 * i, 0xaaaa));
            scene.udp(host, service, rtp(96, 500 + i, 160 * i, 0xbbbb));
        }
        scene.udp(service, host, rtcp_receiver_report(0xaaaa));
        scene.udp(service, host, stun_message(binding_request, 1, {username, priority}));
        scene.udp(host, service, stun_message(binding_request, 2, {username, priority}));
        scene.udp(host, service, stun_message(binding_request, 2, {username, priority}));
        scene.udp(host, service, stun_message(binding_success, 1));
        scene.udp(service, host, stun_message(binding_success, 2));
        scene.udp(host, service, stun_message(allocate_request, 3));
        scene.udp(service, host, stun_message(allocate_error, 3, {stun_error_code(486, "Quota")}));
        scene.udp(host, service, channel_data(0x4000, rtp(96, 1, 1, 1)));
        scene.udp(host, service, channel_data(0x4000, rtp(96, 2, 2, 1)));
    });
}

// RFC 9293 3.5: the SYN of the end that was asked is an attempt of its own, with its own client.
TEST(Ends, OfASimultaneousOpenEachSynHasItsClient) {
    const auto host = endpoint("198.51.100.1", 50'000);
    Scene scene;
    Connection one(scene, host, service);
    Connection other(scene, service, host);
    one.syn();
    other.syn();
    other.syn_ack();
    other.ack(client);
    other.send(client, Octets(20, 1));
    other.send(server, Octets(30, 2));
    const facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_EQ(seen.flows[0].client().endpoint, host);
    EXPECT_EQ(seen.flows[0].server().packets, 0U);
    const facts::Flow& second = seen.flows[1];
    EXPECT_EQ(second.client().endpoint, service);
    EXPECT_EQ(second.tcp->syn.number, 2U);
    EXPECT_EQ(second.tcp->established.number, 4U);
    EXPECT_EQ(second.client_of(*second.tcp).payload.number, 5U);
    EXPECT_EQ(second.server_of(*second.tcp).payload.number, 6U);
}

// The flow is known by an ICMP error first, which quotes a packet of the server.
TEST(Ends, WhoeverSendsASynIsTheClient) {
    const auto host = endpoint("198.51.100.1", 50'000);
    Scene scene;
    scene.icmp("203.0.113.1", "192.0.2.5", 3, 1, service, host, 6);
    Connection connection(scene, host, service);
    connection.open();
    const facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.flows[0].client().endpoint, host);
    EXPECT_EQ(seen.flows[0].tcp->syn.number, 2U);
    EXPECT_EQ(seen.flows[0].tcp->syn_ack.number, 3U);
    EXPECT_EQ(seen.flows[0].tcp->established.number, 4U);
}

}  // namespace
}  // namespace turnpike::inspect::test
