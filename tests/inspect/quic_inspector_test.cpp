// QUIC facts, from Initials that the test encrypts as a client would (RFC 9001 5).
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/quic.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

using proto::QuicSide;

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 443);

TEST(Quic, ClientHelloOverThreeInitialsOutOfOrder) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("quic.example", "h3", 1'900));
    const auto part = [&](unsigned number, std::size_t begin, std::size_t end) {
        return quic_initial(QuicSide::client, number,
                            crypto_frame(begin, slice(hello, begin, end)));
    };
    scene.udp(client, server, part(2, 1'800, hello.size()));
    scene.udp(client, server, part(0, 0, 900));
    EXPECT_TRUE(scene.inspector().observation().hellos.empty());
    scene.udp(client, server, part(1, 900, 1'800));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].carrier, facts::TlsHello::Carrier::quic);
    EXPECT_EQ(seen.hellos[0].sni, "quic.example");
    EXPECT_EQ(seen.hellos[0].alpn, "h3");
    EXPECT_EQ(seen.hellos[0].at.number, 3U);
    EXPECT_EQ(seen.hellos[0].ja4.view().substr(0, 1), "q");
    const facts::Flow& flow = seen.flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::quic);
    EXPECT_EQ(flow.server_name_source, facts::NameSource::quic_sni);
    EXPECT_EQ(flow.rare->quic->version, proto::quic_v1);
    const facts::QuicEnd& asking = flow.client_of(*flow.rare->quic);
    EXPECT_EQ(asking.initials, 3U);
    EXPECT_EQ(asking.first_initial.number, 1U);
    EXPECT_EQ(asking.last_initial.number, 3U);
    EXPECT_FALSE(flow.server_of(*flow.rare->quic).first);
}

TEST(Quic, AnswersOfTheServerAreMarked) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("quic.example", "h3"));
    scene.udp(client, server, quic_initial(QuicSide::client, 0, crypto_frame(0, hello)));
    // Version Negotiation (RFC 9000 17.2.1): version 0, the ids swapped, two versions.
    scene.udp(server, client,
              Writer()
                  .u8(0x80)
                  .u32(0)
                  .u8(0)
                  .prefixed8(connection_id)
                  .u32(proto::quic_v2)
                  .u32(0x0a1a2a3a)
                  .done());
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.server_of(*flow.rare->quic).first.number, 2U);
}

TEST(Quic, HelloThatNeverBecomesWholeKeepsItsName) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("part.example", "h3", 1'900));
    scene.udp(client, server,
              quic_initial(QuicSide::client, 0, crypto_frame(0, slice(hello, 0, 1'000))));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].sni, "part.example");
    EXPECT_EQ(seen.hellos[0].ja4, "");
}

TEST(Quic, AnInitialThatComesLaterThanABurstLastsIsAnotherTry) {
    Scene scene;
    const Octets hello = crypto_frame(0, handshake(1, client_hello_body("quic.example", "h3")));
    scene.udp(client, server, quic_initial(QuicSide::client, 0, hello));
    scene.wait(seconds{1});
    scene.udp(client, server, quic_initial(QuicSide::client, 1, hello));
    scene.wait(seconds{1});
    scene.udp(client, server, quic_initial(QuicSide::client, 2, hello));
    scene.udp(client, server, quic_initial(QuicSide::client, 3, hello));
    const facts::Flow& flow = scene.finish().flows.at(0);
    const facts::QuicEnd& asking = flow.client_of(*flow.rare->quic);
    EXPECT_TRUE(asking.persisted);
    EXPECT_EQ(asking.second_initial.number, 2U);
    EXPECT_FALSE(asking.second_flight);
}

TEST(Quic, WhatTheClientSendsBeyondInitialsFollowsAnAnswer) {
    Scene scene;
    const Octets hello = crypto_frame(0, handshake(1, client_hello_body("quic.example", "h3")));
    scene.udp(client, server, quic_initial(QuicSide::client, 0, hello));
    scene.udp(client, server, quic_handshake());
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.client_of(*flow.rare->quic).second_flight.number, 2U);
}

}  // namespace
}  // namespace turnpike::inspect::test
