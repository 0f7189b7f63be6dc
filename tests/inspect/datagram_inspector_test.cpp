// DNS, STUN, TURN, DTLS, RTP and RTCP on UDP flows.
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint resolver = endpoint("10.0.0.1", 53);
const base::Endpoint relay = endpoint("192.0.2.1", 3'478);
const base::Endpoint peer = endpoint("198.51.100.7", 41'000);

// ---- DNS

/// What the client of the first flow said in STUN.
const facts::StunEnd& client_stun(Scene& scene) {
    const facts::Flow& flow = scene.finish().flows.at(0);
    return flow.client_of(*flow.stun);
}

TEST(Dns, RepeatedQueryIsOneRowAndItsAnswerIsTaken) {
    Scene scene;
    scene.udp(client, resolver, dns_query(7, "Meet.Example"));
    scene.wait(seconds{1});
    scene.udp(client, resolver, dns_query(7, "meet.example"));
    scene.udp(resolver, client, dns_answer(7, "meet.example", 0, {"192.0.2.7", "192.0.2.8"}));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.dns.size(), 1U);
    const facts::DnsQuery& row = seen.dns[0];
    EXPECT_EQ(row.name, "meet.example");
    EXPECT_EQ(row.sends, 2U);
    EXPECT_EQ(row.query.number, 1U);
    EXPECT_EQ(row.last_send.number, 2U);
    EXPECT_EQ(row.response.number, 3U);
    EXPECT_EQ(row.rcode, 0U);
    EXPECT_EQ(row.client, client.address);
    EXPECT_EQ(row.resolver, resolver);
    ASSERT_EQ(row.answers.size(), 2U);
    EXPECT_EQ(row.answers[1].address, base::IpAddress::parse("192.0.2.8"));
    EXPECT_EQ(row.answers[1].ttl, 300U);
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::dns);
}

TEST(Dns, ExtendedErrorOfAFilter) {
    Scene scene;
    scene.udp(client, resolver, dns_query(7, "meet.example"));
    scene.udp(resolver, client, dns_answer(7, "meet.example", 3, {}, 17));
    const facts::DnsQuery row = scene.finish().dns.at(0);
    EXPECT_EQ(row.rcode, 3U);
    EXPECT_EQ(row.extended_error, 17U);
}

TEST(Dns, AnswerOfAnotherNameIsNotTaken) {
    Scene scene;
    scene.udp(client, resolver, dns_query(7, "meet.example"));
    scene.udp(resolver, client, dns_answer(7, "evil.example", 0, {"192.0.2.7"}));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.dns.size(), 2U);
    EXPECT_FALSE(seen.dns[0].rcode);
    EXPECT_FALSE(seen.dns[1].query);
    EXPECT_EQ(seen.dns[1].sends, 0U);
}

TEST(Dns, MulticastNamesAreNoQueries) {
    Scene scene;
    scene.udp(endpoint("10.0.0.5", 5'353), endpoint("224.0.0.251", 5'353),
              dns_query(0, "printer.local"));
    facts::Observation& seen = scene.finish();
    EXPECT_TRUE(seen.dns.empty());
    EXPECT_EQ(seen.flows.at(0).protocol, facts::Protocol::mdns);
}

TEST(Dns, TheZoneThatDeniesANameIsKept) {
    Scene scene;
    scene.udp(client, resolver, dns_query(7, "meet.example.com"));
    Octets denial = dns_answer(7, "meet.example.com", 3);
    denial[9] = 1;  // one record in the authority section
    const Octets soa = Writer()
                           .bytes(dns_name("Example.com"))
                           .u16(6)
                           .u16(1)
                           .u32(300)
                           .prefixed16(Writer()
                                           .bytes(dns_name("ns.example.com"))
                                           .bytes(dns_name("admin.example.com"))
                                           .u32(1)
                                           .u32(2)
                                           .u32(3)
                                           .u32(4)
                                           .u32(5)
                                           .done())
                           .done();
    denial.insert(denial.end(), soa.begin(), soa.end());
    scene.udp(resolver, client, denial);
    EXPECT_EQ(scene.finish().dns.at(0).zone(), "example.com");
}

TEST(Dns, WithoutAnSoaNoZoneDenies) {
    Scene scene;
    scene.udp(client, resolver, dns_query(7, "meet.example.com"));
    scene.udp(resolver, client, dns_answer(7, "meet.example.com", 3));
    EXPECT_EQ(scene.finish().dns.at(0).zone(), "");
}

TEST(Dns, AnAnswerThatIsCutIsKnownAsOne) {
    for (const bool cut : {true, false}) {
        Scene scene;
        scene.udp(client, resolver, dns_query(7, "meet.example"));
        const Octets answer = dns_answer(7, "meet.example", 0, {"192.0.2.7", "192.0.2.8"});
        const Octets captured = slice(answer, 0, answer.size() - (cut ? 16 : 0));
        wire::Packet packet = scene.datagram(resolver, client, captured);
        packet.payload_length = static_cast<std::uint32_t>(answer.size());
        scene.play(packet);
        EXPECT_EQ(scene.finish().dns.at(0).answers_cut, cut);
    }
}

// ---- STUN and TURN

TEST(Stun, TheFirstRepeatIsATransactionSentAgain) {
    Scene scene;
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.udp(client, relay, stun_message(allocate_request, 2));
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.udp(client, relay, stun_message(binding_request, 1));
    EXPECT_EQ(client_stun(scene).repeated.number, 3U);
}

TEST(Stun, ASecondTransactionOfTheMethodIsARepeatToo) {
    Scene scene;
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.udp(client, relay, stun_message(binding_request, 2));
    EXPECT_EQ(client_stun(scene).repeated.number, 2U) << "however close";
}

TEST(Stun, WhatFollowsAnAnswerIsNoRepeat) {
    Scene scene;
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.udp(relay, client, stun_message(binding_success, 1));
    scene.udp(client, relay, stun_message(binding_request, 2));
    scene.udp(client, relay, stun_message(binding_request, 3));
    EXPECT_FALSE(client_stun(scene).repeated);
}

TEST(Stun, ANonceShowsThatAServerAnswered) {
    Scene scene;
    scene.udp(client, relay, stun_message(allocate_request, 1));
    scene.udp(client, relay,
              stun_message(allocate_request, 2, {stun_attribute(0x0015, Octets(12, 'n'))}));
    EXPECT_TRUE(client_stun(scene).with_nonce);
}

TEST(Stun, RetransmissionsAndRoundTrip) {
    Scene scene;
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.wait(milliseconds{499});
    scene.udp(client, relay, stun_message(binding_request, 1));
    scene.wait(milliseconds{19});
    scene.udp(relay, client,
              stun_message(binding_success, 1, {stun_attribute(0x0020, xor_address(peer))}));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.stun.size(), 1U);
    EXPECT_EQ(seen.stun[0].sends, 2U);
    EXPECT_EQ(seen.stun[0].round_trip, milliseconds{20});
    EXPECT_EQ(seen.stun[0].mapped, peer);
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].stun).requests, 1U);
    EXPECT_EQ(seen.flows[0].server_of(*seen.flows[0].stun).responses, 1U);
    EXPECT_FALSE(seen.flows[0].stun->ice);
}

TEST(Stun, RequestsAreCountedOnceHoweverOftenTheyAreSent) {
    Scene scene;
    for (int i = 0; i < 3; ++i) {
        scene.udp(client, relay, stun_message(allocate_request, 1));
    }
    scene.udp(client, relay, stun_message(allocate_request, 2));
    scene.udp(client, relay, stun_message(binding_request, 3));
    EXPECT_EQ(client_stun(scene).requests, 3U);
    EXPECT_TRUE(scene.finish().flows.at(0).stun->turn);
}

TEST(Stun, ChallengeIsNotTheLastErrorButAQuotaIs) {
    Scene scene;
    scene.udp(client, relay, stun_message(allocate_request, 1));
    scene.udp(relay, client,
              stun_message(allocate_error, 1,
                           {stun_error_code(401, "Unauthorized"),
                            stun_attribute(0x0014, base::as_bytes("realm.example"))}));
    EXPECT_EQ(scene.inspector().observation().flows.size(), 0U);  // still held back
    scene.udp(client, relay, stun_message(allocate_request, 2));
    scene.udp(relay, client, stun_message(allocate_error, 2, {stun_error_code(486, "Quota")}));
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.stun.at(0).error_code, 401U);
    EXPECT_EQ(seen.stun.at(0).realm, "realm.example");
    EXPECT_EQ(seen.flows[0].server_of(*seen.flows[0].stun).last_error, 486U);
}

TEST(Stun, IceFragmentsAreTakenFromTheClientsSide) {
    Scene scene;
    const Octets priority = Writer().u32(1'862'270'975).done();
    scene.udp(client, peer,
              stun_message(binding_request, 1,
                           {stun_attribute(0x0006, base::as_bytes("FAR1:near")),
                            stun_attribute(0x0024, priority)}));
    scene.udp(peer, client,
              stun_message(binding_request, 2,
                           {stun_attribute(0x0006, base::as_bytes("near:FAR1")),
                            stun_attribute(0x0024, priority)}));
    facts::Observation& seen = scene.finish();
    const facts::Flow& flow = seen.flows.at(0);
    const facts::StunEnd& asking = flow.client_of(*flow.stun);
    const facts::StunEnd& answering = flow.server_of(*flow.stun);
    EXPECT_EQ(asking.ufrag, "near");
    EXPECT_EQ(answering.ufrag, "FAR1");
    EXPECT_TRUE(flow.stun->ice);
    EXPECT_EQ(asking.requests, 1U);
    EXPECT_EQ(answering.requests, 1U);
    EXPECT_EQ(answering.request_packets, 1U);
    EXPECT_EQ(flow.direction_of(seen.stun[1].side), facts::Direction::in);
}

TEST(Turn, SendAndDataIndicationsAreUnwrapped) {
    Scene scene;
    scene.udp(client, relay, stun_message(allocate_request, 1));
    scene.udp(relay, client, stun_message(allocate_success, 1));
    const Octets inner = stun_message(binding_request, 50);
    scene.udp(
        client, relay,
        stun_message(send_indication, 2,
                     {stun_attribute(0x0012, xor_address(peer)), stun_attribute(0x0013, inner)}));
    scene.udp(relay, client,
              stun_message(data_indication, 3,
                           {stun_attribute(0x0012, xor_address(peer)),
                            stun_attribute(0x0013, stun_message(binding_success, 50))}));
    facts::Observation& seen = scene.finish();
    const auto inside = std::ranges::find(seen.stun, true, &facts::StunTransaction::relayed_inside);
    ASSERT_NE(inside, seen.stun.end());
    EXPECT_EQ(inside->outcome, facts::StunOutcome::success);
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].stun).requests,
              1U);  // the relay's own transactions only
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].stun).channel_data, 1U);
    EXPECT_EQ(seen.flows[0].server_of(*seen.flows[0].stun).channel_data, 1U);
    const auto send = std::ranges::find(seen.stun, 0x006, &facts::StunTransaction::method);
    ASSERT_NE(send, seen.stun.end());
    EXPECT_EQ(send->outcome, facts::StunOutcome::indication);
    EXPECT_EQ(send->peers, std::vector{peer});
}

TEST(Turn, ChannelDataCarriesDtlsAndMedia) {
    Scene scene;
    scene.udp(client, relay, stun_message(allocate_request, 1));
    scene.udp(relay, client, stun_message(allocate_success, 1));
    scene.udp(client, relay, channel_data(0x4000, dtls_client_hello()));
    for (unsigned i = 0; i < 4; ++i) {
        scene.udp(client, relay, channel_data(0x4000, rtp(111, i, i * 960, 0x42, 80)));
        scene.udp(relay, client, channel_data(0x4000, rtp(111, i, i * 960, 0x43, 80)));
    }
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::turn);
    EXPECT_TRUE(seen.flows[0].rare->dtls->client_hello);
    EXPECT_EQ(seen.rtp.size(), 2U);
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].media).rtp_packets, 4U);
    EXPECT_EQ(seen.flows[0].server_of(*seen.flows[0].media).rtp_packets, 4U);
}

// ---- DTLS

TEST(Dtls, FragmentedHelloInAnyOrder) {
    Scene scene;
    const Octets body = client_hello_body("sfu.example", "webrtc", 600, true);
    scene.udp(client, peer, dtls_record(22, 0, 1, dtls_fragment(1, 0, body, 400, body.size())));
    scene.udp(client, peer, dtls_record(22, 0, 0, dtls_fragment(1, 0, body, 0, 400)));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].carrier, facts::TlsHello::Carrier::dtls);
    EXPECT_EQ(seen.hellos[0].sni, "sfu.example");
    EXPECT_EQ(*seen.flows[0].server_name, "sfu.example");
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::dtls);
}

// DTLS, QUIC and TLS take their room from one pool; when it is used up what has arrived stays.
TEST(Dtls, FragmentsOfAllFlowsShareOnePool) {
    Scene scene({.reassembly_octets = 4'000, .hash_seed = 1});
    const Octets body = client_hello_body("sfu.example", "webrtc", 400, true);
    const auto begun = [&](std::uint16_t port) {
        scene.udp(endpoint("10.0.0.5", port), peer,
                  dtls_record(22, 0, 0, dtls_fragment(1, 0, body, 0, 400)));
    };
    begun(1'000);
    for (std::uint16_t port = 1'001; port < 1'100; ++port) {
        begun(port);
    }
    scene.udp(endpoint("10.0.0.5", 1'000), peer,
              dtls_record(22, 0, 1, dtls_fragment(1, 0, body, 400, body.size())));
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.hellos.size(), 1U);
    ASSERT_EQ(seen.quality.problems.size(), 1U);
    EXPECT_EQ(seen.quality.problems[0].protocol, "dtls");
    EXPECT_EQ(seen.quality.problems[0].reason, "limit reached");
    EXPECT_GE(seen.quality.problems[0].count, 90U);
}

TEST(Dtls, HelloSentAgainIsOneHello) {
    Scene scene;
    for (int i = 0; i < 4; ++i) {
        scene.udp(client, peer, dtls_client_hello());
    }
    EXPECT_EQ(scene.finish().hellos.size(), 1U);
}

// RFC 9147 4: a unified header with the C bit, a connection id of four octets, a sequence number of
// two and a length.
TEST(Dtls, HelloSentAgainIsNoSecondFlight) {
    Scene scene;
    for (int i = 0; i < 4; ++i) {
        scene.udp(client, peer, dtls_client_hello());
    }
    EXPECT_FALSE(scene.finish().flows[0].rare->dtls->second_flight);
}

TEST(Dtls, WhatFollowsTheHelloFollowsAnAnswer) {
    Scene scene;
    scene.udp(client, peer, dtls_client_hello());
    const Octets key_exchange(66, 0x04);  // RFC 5246 7.4.7
    scene.udp(client, peer,
              dtls_record(22, 0, 1, dtls_fragment(16, 1, key_exchange, 0, key_exchange.size())));
    EXPECT_EQ(scene.finish().flows[0].rare->dtls->second_flight.number, 2U);
}

TEST(Dtls, EncryptedDataCountsByDirection) {
    Scene scene;
    scene.udp(client, peer, dtls_client_hello());
    scene.udp(client, peer, dtls_record(23, 1, 1, Octets(64, 0x5a)));
    scene.udp(client, peer, dtls_record(23, 1, 2, Octets(64, 0x5a)));
    scene.udp(peer, client, dtls_record(23, 1, 1, Octets(64, 0x5a)));
    const facts::Flow& flow = scene.finish().flows[0];
    EXPECT_EQ(flow.client_of(*flow.media).dtls_data, 2U);
    EXPECT_EQ(flow.server_of(*flow.media).dtls_data, 1U);
}

TEST(Dtls, ConnectionIdOfDtls13IsRecognized) {
    Scene scene;
    scene.udp(client, peer, dtls_client_hello());
    const Octets record =
        Writer().u8(0x3f).u32(0xc1d0c1d0).u16(0x0102).prefixed16(Octets(64, 0x99)).done();
    scene.udp(peer, client, record);
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::dtls);
    EXPECT_EQ(seen.flows[0].rare->dtls->server_record.number, 2U);
    EXPECT_TRUE(seen.rtp.empty());
}

// ---- RTP and RTCP

TEST(Rtp, SequenceWrapIsNoLoss) {
    Scene scene;
    for (unsigned i = 0; i < 20; ++i) {
        scene.udp(client, peer, rtp(0, 65'530 + i, i * 160, 0x1234));
    }
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.rtp.size(), 1U);
    EXPECT_EQ(seen.rtp[0].packets, 20U);
    EXPECT_EQ(seen.rtp[0].lost, 0);
    EXPECT_EQ(seen.rtp[0].ssrc, 0x1234U);
    EXPECT_EQ(seen.rtp[0].first.number, 1U);
    EXPECT_EQ(seen.rtp[0].last.number, 20U);
    EXPECT_TRUE(seen.rtp[0].jitter_ms.has_value());
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].media).rtp_packets, 20U);
    EXPECT_EQ(seen.flows[0].client_of(*seen.flows[0].media).rtp_first.number, 1U);
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::rtp);
}

TEST(Rtp, DynamicPayloadTypeHasNoJitterRatherThanAWrongOne) {
    Scene scene;
    for (unsigned i = 0; i < 10; ++i) {
        scene.udp(client, peer, rtp(111, i, i * 960, 1));
    }
    EXPECT_FALSE(scene.finish().rtp.at(0).jitter_ms.has_value());
}

TEST(Rtp, FewPacketsWithoutContextAreNotRtp) {
    Scene scene;
    for (unsigned i = 0; i < 3; ++i) {
        scene.udp(client, peer, rtp(111, i, i * 960, 1));
    }
    EXPECT_TRUE(scene.finish().rtp.empty());
    EXPECT_EQ(scene.finish().flows[0].protocol, facts::Protocol::unknown);
}

TEST(Rtp, IceOnTheSameFlowSpeaksForMedia) {
    Scene scene;
    scene.udp(client, peer, stun_message(binding_request, 1));
    scene.udp(peer, client, stun_message(binding_success, 1));
    scene.udp(peer, client, rtp(111, 5, 960, 1));
    scene.udp(peer, client, rtp(111, 6, 1'920, 1));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.rtp.size(), 1U);
    EXPECT_EQ(seen.flows[0].direction_of(seen.rtp[0].side), facts::Direction::in);
    EXPECT_EQ(seen.flows[0].protocol, facts::Protocol::rtp);
}

TEST(Rtp, GameWithACounterOfItsOwnIsNotRtp) {
    Scene scene;
    for (unsigned i = 0; i < 40; ++i) {
        // Begins like RTP, but nothing stands still where the SSRC would be.
        scene.udp(
            client, peer,
            Writer().u8(0x80).u8(0x10).u16(i * 3).u32(i * 77).u32(i * 0x01010101).zeros(40).done());
    }
    EXPECT_TRUE(scene.finish().rtp.empty());
}

TEST(Rtp, ReportsOfTheSilentSideAreCounted) {
    Scene scene;
    scene.udp(client, peer, stun_message(binding_request, 1));
    for (unsigned i = 0; i < 5; ++i) {
        scene.udp(client, peer, rtp(111, i, i * 960, 1));
    }
    scene.udp(peer, client, rtcp_receiver_report(2));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.client_of(*flow.media).rtp_packets, 5U);
    EXPECT_EQ(flow.server_of(*flow.media).rtp_packets, 0U);
    EXPECT_EQ(flow.server_of(*flow.media).rtcp_packets, 1U);
}

}  // namespace
}  // namespace turnpike::inspect::test
