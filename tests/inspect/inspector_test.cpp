// Flows, copies, capture quality and ICMP errors.
#include "turnpike/inspect/inspector.h"

#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"
#include "turnpike/facts/given_up.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 3'478);
const base::Endpoint client6 = endpoint("2001:db8::5", 50'000);
const base::Endpoint server6 = endpoint("2001:db8:1::1", 443);

// ---- copies

TEST(Copies, DoubledStunAndDtlsCountOnce) {
    Scene scene;
    const Octets request = stun_message(binding_request, 1);
    const Octets response = stun_message(binding_success, 1);
    const Octets hello = dtls_client_hello();
    for (const auto& [from, to, payload] :
         {std::tuple{client, server, request}, std::tuple{server, client, response},
          std::tuple{client, server, hello}}) {
        wire::Packet packet = scene.datagram(from, to, payload);
        scene.play(packet);
        packet.hop_limit = 63;  // the mirror saw it before and after a router
        packet.vlan_id = 12;
        scene.wait(microseconds{40});
        scene.play_now(packet);
    }
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.quality.duplicates, 3U);
    EXPECT_EQ(seen.flows[0].copies, 3U);
    EXPECT_EQ(seen.flows[0].client().packets, 2U);
    EXPECT_EQ(seen.flows[0].server().packets, 1U);
    ASSERT_EQ(seen.stun.size(), 1U);
    EXPECT_EQ(seen.stun[0].sends, 1U);
    EXPECT_EQ(seen.hellos.size(), 1U);
    EXPECT_TRUE(seen.quality.copying);
}

TEST(Copies, RetransmissionHasANewIpIdOrComesLater) {
    Scene scene;
    const Octets request = stun_message(binding_request, 1);
    scene.udp(client, server, request);
    scene.udp(client, server, request);  // another IP id, one millisecond later
    wire::Packet packet = scene.datagram(client, server, request);
    scene.play(packet);
    scene.wait(milliseconds{500});
    scene.play(packet);  // the same id, half a second later
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.quality.duplicates, 0U);
    EXPECT_EQ(seen.stun.at(0).sends, 4U);
}

TEST(Copies, EqualAcknowledgementsWithoutIpIdAreReal) {
    Scene scene;
    Connection connection(scene, client6, server6);
    connection.open();
    connection.send(1, Octets(1'000, 1));
    const wire::Packet ack =
        connection.make(0, Connection::ack_flag, connection.next(0), connection.next(1), {});
    for (int i = 0; i < 4; ++i) {
        scene.wait(microseconds{5});
        scene.play_now(ack);
    }
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.quality.duplicates, 0U);
    EXPECT_EQ(seen.flows[0].client().packets, 6U);
    EXPECT_FALSE(seen.quality.copying);
}

TEST(Copies, DoubledCaptureWithoutIpIdsIsRecognizedAsAWhole) {
    Scene scene;
    Connection connection(scene, client6, server6);
    const auto twice = [&](const wire::Packet& packet) {
        scene.play(packet);
        scene.wait(microseconds{30});
        scene.play_now(packet);
    };
    const Octets hello = tls_client_hello("a.example");
    const Octets answer = tls_server_hello();
    twice(connection.make(0, Connection::syn_flag, 1'000, 0, {}));
    twice(connection.make(1, Connection::syn_flag | Connection::ack_flag, 500'000, 1'001, {}));
    twice(connection.make(0, Connection::ack_flag, 1'001, 500'001, {}));
    twice(connection.make(0, Connection::ack_flag, 1'001, 500'001, hello));
    twice(connection.make(1, Connection::ack_flag, 500'001,
                          1'001 + static_cast<std::uint32_t>(hello.size()), answer));
    facts::Observation& seen = scene.finish();
    EXPECT_TRUE(seen.quality.copying);
    EXPECT_EQ(seen.quality.duplicates, 5U);
    EXPECT_EQ(seen.flows[0].tcp->syns, 1U);
}

TEST(Copies, RepeatedAcknowledgementsInADoubledCaptureStayPairs) {
    Scene scene;
    Connection connection(scene, client6, server6);
    const Octets data(100, 7);
    for (int i = 0; i < 4; ++i) {
        wire::Packet packet = connection.make(
            1, Connection::ack_flag, 500'001 + 100U * static_cast<std::uint32_t>(i), 1'001, data);
        scene.play(packet);
        scene.play_now(packet);
    }
    const wire::Packet ack = connection.make(0, Connection::ack_flag, 1'001, 500'401, {});
    for (int i = 0; i < 4; ++i) {  // two acknowledgements, each of them twice
        scene.wait(microseconds{10});
        scene.play_now(ack);
    }
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows[0].client().packets, 2U);
}

TEST(Copies, WrappedAndPlainTwinsAreCopies) {
    Scene scene;
    wire::Packet packet = scene.datagram(client, server, stun_message(binding_request, 9));
    const Octets payload = stun_message(binding_request, 9);
    packet.payload = payload;
    scene.play(packet);
    packet.tunnel_depth = 1;
    packet.tunnel_id = 5'000;
    scene.play(packet);
    EXPECT_EQ(scene.finish().quality.duplicates, 1U);
}

// ---- flows

TEST(Flows, TagsInOneDirectionOnlyDoNotSplitAFlow) {
    Scene scene;
    const Octets request = stun_message(binding_request, 1);
    const Octets response = stun_message(binding_success, 1);
    wire::Packet out = scene.datagram(client, server, request);
    out.vlan_id = 100;
    scene.play(out);
    scene.play(scene.datagram(server, client, response));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.stun.at(0).outcome, facts::StunOutcome::success);
}

TEST(Flows, TagsAndTunnelsTellNetworksApartOnlyIfAsked) {
    const auto flows_with = [](bool vlan, bool tunnel) {
        Scene scene({.vlan_in_key = vlan, .tunnel_in_key = tunnel, .hash_seed = 1});
        const Octets request = stun_message(binding_request, 1);
        for (const std::uint16_t number : std::initializer_list<std::uint16_t>{1, 2, 3}) {
            wire::Packet out = scene.datagram(client, server, request);
            out.vlan_id = number;
            out.tunnel_id = number == 3 ? 0x10000U : 0U;
            scene.play(out);
        }
        return scene.finish().flows.size();
    };
    EXPECT_EQ(flows_with(false, false), 1U);
    EXPECT_EQ(flows_with(true, false), 3U);
    EXPECT_EQ(flows_with(false, true), 2U);
    EXPECT_EQ(flows_with(true, true), 3U);
}

TEST(Flows, ResponderWhoIsSeenFirstIsTheServer) {
    Scene scene;
    const base::Endpoint peer = endpoint("198.51.100.7", 41'000);
    scene.udp(peer, client, stun_message(binding_success, 5));
    scene.udp(client, peer, stun_message(binding_request, 6));
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows.at(0).client().endpoint, client);
    EXPECT_EQ(seen.flows.at(0).server().packets, 1U);
}

TEST(Flows, PeerThatOpenedTheFlowStaysItsClient) {
    Scene scene;
    const base::Endpoint peer = endpoint("10.0.0.9", 41'000);
    scene.udp(peer, client, stun_message(binding_request, 5));
    scene.udp(client, peer, stun_message(binding_request, 6));
    EXPECT_EQ(scene.finish().flows.at(0).client().endpoint, peer);
}

TEST(Flows, MediaSeenFromTheMiddleBelongsToThePrivateSide) {
    Scene scene;
    const base::Endpoint peer = endpoint("198.51.100.7", 41'000);
    scene.udp(peer, client, rtp(111, 1, 960, 0x11, 50));
    const facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows.at(0).client().endpoint, client);
}

TEST(Flows, LinkAddressOfTheClientIsKept) {
    Scene scene;
    const Octets response = stun_message(binding_success, 1);
    const Octets request = stun_message(binding_request, 1);
    wire::Packet in = scene.datagram(server, client, response);
    in.source_link_address = 0x020000000001;  // the router's
    scene.play(in);
    wire::Packet out = scene.datagram(client, server, request);
    out.source_link_address = 0x020000000055;
    scene.play(out);
    EXPECT_EQ(scene.finish().flows.at(0).client().link_address, 0x020000000055U);
}

TEST(Flows, LongSilenceStartsANewUdpFlow) {
    Scene scene;
    scene.udp(client, server, stun_message(binding_request, 1));
    scene.wait(std::chrono::minutes{6});
    scene.udp(client, server, stun_message(binding_request, 2));
    EXPECT_EQ(scene.finish().flows.size(), 2U);
}

TEST(Flows, FullTableGivesUpTheOldestAndSaysSo) {
    Options options{.max_flows = 100, .hash_seed = 1};
    Scene scene(options);
    for (unsigned port = 1; port <= 150; ++port) {
        scene.udp(endpoint("10.0.0.5", static_cast<std::uint16_t>(10'000 + port)), server,
                  stun_message(binding_request, port));
    }
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.flows.size(), 150U);
    EXPECT_EQ(std::ranges::find(seen.quality.problems, std::string("evicted to make room"),
                                &facts::DecodeCount::reason)
                  ->count,
              50U);
}

std::uint64_t given_up(const facts::Observation& seen) {
    return facts::given_up(seen.quality).flows;
}

/// Datagrams of invented clients to nobody of interest.
void flood(Scene& scene, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        scene.udp({base::IpAddress::v4(0x0b000000U + i), 1'000}, endpoint("203.0.113.9", 9'000),
                  Octets{0x01});
    }
}

TEST(Flows, ShortMemoryGivesUpTheOldestThatNobodyAnswered) {
    constexpr unsigned enemies = 250'000;
    Options options{.memory = std::size_t{64} << 20U, .hash_seed = 1};
    Scene scene(options);
    scene.udp(client, server, stun_message(binding_request, 1));  // asks in vain, but STUN
    scene.udp(endpoint("10.0.0.7", 1'000), endpoint("192.0.2.9", 9'000), Octets{0x01});
    scene.udp(endpoint("192.0.2.9", 9'000), endpoint("10.0.0.7", 1'000), Octets{0x01});
    flood(scene, enemies);
    scene.udp(server, client, stun_message(binding_success, 1));
    scene.udp(endpoint("10.0.0.8", 50'000), server, stun_message(binding_request, 2));
    facts::Observation& seen = scene.finish();
    EXPECT_GT(given_up(seen), enemies / 2);
    EXPECT_EQ(seen.flows.size() + given_up(seen), enemies + 3);
    ASSERT_GT(seen.flows.size(), 3U);
    EXPECT_EQ(seen.flows[0].client().endpoint, client);
    EXPECT_EQ(seen.flows[0].server().packets, 1U);
    EXPECT_EQ(seen.flows[1].server().packets, 1U);
    EXPECT_EQ(seen.flows.back().client().endpoint, endpoint("10.0.0.8", 50'000));
    EXPECT_EQ(seen.flows.back().id, enemies + 3);
    EXPECT_TRUE(std::ranges::is_sorted(seen.flows, {}, &facts::Flow::id));
    ASSERT_EQ(seen.stun.size(), 2U);
    EXPECT_EQ(seen.stun[0].outcome, facts::StunOutcome::success);
    EXPECT_EQ(seen.stun[1].flow, seen.flows.size() - 1);
    EXPECT_EQ(seen.flows.back().rare->transactions, std::vector<std::uint32_t>{1});
}

TEST(Flows, ShortMemoryKeepsWhatMayBeAVendors) {
    Options options{.memory = std::size_t{64} << 20U, .hash_seed = 1};
    options.is_server = [](const base::IpAddress& address) {
        return address == endpoint("203.0.113.9", 0).address;
    };
    Scene scene(options);
    flood(scene, 75'000);
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(given_up(seen), 0U);
    EXPECT_EQ(seen.flows.size(), 75'000U);
}

/// Answers that nobody asked for, each with as many addresses as fit.
void answer_flood(Scene& scene, unsigned count) {
    const std::vector<std::string_view> addresses(60, "203.0.113.1");
    for (unsigned i = 0; i < count; ++i) {
        const base::Endpoint victim{base::IpAddress::v4(0x0b000000U + i % 1'000), 1'000};
        scene.udp(endpoint("10.0.0.1", 53), victim,
                  dns_answer(i & 0xffffU, "n" + std::to_string(i) + ".example", 0, addresses));
    }
}

std::size_t answers_kept(const facts::Observation& seen) {
    std::size_t sum = 0;
    for (const auto& query : seen.dns) {
        sum += query.answers.size();
    }
    return sum;
}

TEST(Flows, ShortMemoryGivesUpAnswersToQueriesForNoVendorsNames) {
    constexpr unsigned answers = 30'000;  // some 150 MB
    Options options{.memory = std::size_t{64} << 20U, .hash_seed = 1};
    options.is_vendors_name = [](std::string_view name) { return name == "meet.vendor"; };
    Scene scene(options);
    scene.udp(client, endpoint("10.0.0.1", 53), dns_query(1, "meet.vendor"));
    answer_flood(scene, answers / 2);
    scene.udp(endpoint("10.0.0.1", 53), client, dns_answer(1, "meet.vendor", 0, {"198.51.100.7"}));
    scene.udp(client, endpoint("198.51.100.7", 9'000), Octets{0x01});
    answer_flood(scene, answers / 2);
    facts::Observation& seen = scene.finish();
    EXPECT_LT(answers_kept(seen) * sizeof(facts::DnsAnswer), options.memory);
    EXPECT_GT(facts::given_up(seen.quality).rows, answers / 4);
    // The vendor's name is still there, with its answer, and who asked for it with all it did.
    ASSERT_FALSE(seen.dns.empty());
    EXPECT_EQ(seen.dns[0].name, "meet.vendor");
    EXPECT_EQ(seen.dns[0].sends, 1U);
    EXPECT_EQ(seen.dns[0].answers.size(), 1U);
    EXPECT_EQ(seen.flows.at(seen.dns[0].flow).client().endpoint, client);
    EXPECT_TRUE(std::ranges::any_of(seen.flows, [](const facts::Flow& flow) {
        return flow.server().endpoint == endpoint("198.51.100.7", 9'000);
    }));
    EXPECT_TRUE(std::ranges::is_sorted(seen.dns, {}, &facts::DnsQuery::id));
    EXPECT_TRUE(std::ranges::is_sorted(seen.flows, {}, &facts::Flow::id));
    EXPECT_TRUE(std::ranges::none_of(seen.flows, [](const auto& flow) { return flow.id == 0; }));
}

TEST(Flows, ShortMemoryGivesUpFlowsWithTheirRows) {
    constexpr unsigned enemies = 100'000;  // each a STUN request of its own
    Options options{.memory = std::size_t{64} << 20U, .hash_seed = 1};
    options.is_server = [](const base::IpAddress& address) { return address == server.address; };
    Scene scene(options);
    scene.udp(client, server, stun_message(binding_request, 1));
    for (unsigned i = 0; i < enemies; ++i) {
        scene.udp({base::IpAddress::v4(0x0b000000U + i), 1'000}, endpoint("203.0.113.9", 9'000),
                  stun_message(binding_request, 2 + i));
    }
    scene.udp(server, client, stun_message(binding_success, 1));
    facts::Observation& seen = scene.finish();
    EXPECT_GT(given_up(seen), enemies / 4);
    ASSERT_EQ(seen.stun.size(), seen.flows.size());
    EXPECT_EQ(seen.stun[0].outcome, facts::StunOutcome::success);
    for (std::uint32_t i = 0; i < seen.stun.size(); ++i) {
        EXPECT_EQ(seen.stun[i].flow, i);
        EXPECT_EQ(seen.flows[i].rare->transactions, std::vector<std::uint32_t>{i});
    }
}

TEST(Flows, WhereNothingCanBeGivenUpWhatIsNewIsRefused) {
    Options options{.memory = std::size_t{64} << 20U, .hash_seed = 1};
    options.is_server = [](const base::IpAddress& /*address*/) { return true; };
    Scene scene(options);
    flood(scene, 100'000);
    facts::Observation& seen = scene.finish();
    EXPECT_GT(seen.flows.size(), 70'000U);
    EXPECT_LT(seen.flows.size(), 90'000U);
    const auto given_up = facts::given_up(seen.quality);
    EXPECT_EQ(given_up.flows, 0U) << "what was never kept is of any vendor";
    EXPECT_EQ(seen.flows.size() + given_up.packets_without_room, 100'000U);
}

// ---- ICMP

TEST(Icmp, ErrorIsTiedToTheQuotedFlowInEitherOrientation) {
    Scene scene;
    scene.udp(client, server, stun_message(binding_request, 1));
    scene.icmp("10.0.0.1", "10.0.0.5", 3, 13, client, server, 17);
    scene.icmp("10.0.0.5", "192.0.2.1", 3, 3, server, client, 17);
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.icmp.size(), 2U);
    EXPECT_EQ(seen.icmp[0].code, 13U);
    EXPECT_EQ(seen.icmp[0].flow, 0U);
    EXPECT_EQ(seen.icmp[1].flow, 0U);
    EXPECT_EQ(seen.flows.at(0).rare->icmp.size(), 2U);
}

TEST(Icmp, FragmentationNeededKeepsItsMtu) {
    Scene scene;
    scene.udp(client, server, stun_message(binding_request, 1));
    scene.icmp("10.0.0.1", "10.0.0.5", 3, 4, client, server, 17, 1'400);
    EXPECT_EQ(scene.finish().icmp.at(0).mtu, 1'400U);
}

// A later fragment has none, and a flow without ports is one that nobody ever sent.
TEST(Icmp, WithoutPortsAnErrorIsAboutNoFlow) {
    Scene scene;
    scene.icmp("10.0.0.1", "10.0.0.5", 3, 13, {client.address, 0}, {server.address, 0}, 17);
    facts::Observation& seen = scene.finish();
    EXPECT_TRUE(seen.flows.empty());
    EXPECT_TRUE(seen.icmp.empty());
    const auto& problems = seen.quality.problems;
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].protocol, "icmp");
    EXPECT_EQ(problems[0].count, 1U);
}

// ---- quality

// ---- recordings

TEST(Recordings, GoOnFromPacketToPacketUntilASilence) {
    Scene scene;
    scene.other_frame();
    const auto began = scene.now();
    scene.wait(seconds{57}).other_frame();
    scene.wait(seconds{50}).other_frame();
    const auto ended = scene.now();
    scene.wait(seconds{58}).other_frame();
    const auto& recordings = scene.finish().quality.recordings;
    ASSERT_EQ(recordings.size(), 1U);
    ASSERT_EQ(recordings[0].stretches.size(), 2U);
    EXPECT_EQ(recordings[0].stretches[0].from, began);
    EXPECT_EQ(recordings[0].stretches[0].to, ended);
    EXPECT_EQ(recordings[0].stretches[1].from, scene.now());
}

TEST(Recordings, EachTapHasItsOwn) {
    Scene scene;
    scene.tap = {.number = 2, .link_type = 101};
    scene.other_frame();
    scene.tap = {.number = 0, .link_type = 1};
    scene.wait(seconds{10}).other_frame();
    const auto& recordings = scene.finish().quality.recordings;
    ASSERT_EQ(recordings.size(), 3U);
    EXPECT_EQ(recordings[0].link_type, 1U);
    EXPECT_EQ(recordings[2].link_type, 101U);
    EXPECT_EQ(recordings[2].tap, 2U);
    EXPECT_TRUE(recordings[1].stretches.empty());
    EXPECT_LT(recordings[2].stretches.at(0).to, recordings[0].stretches.at(0).from);
}

TEST(Recordings, AFlowThatGoesOnInTheNextFileTiesThemTogether) {
    Scene scene;
    scene.udp(client, server, stun_message(binding_request, 1));
    scene.tap.number = 1;
    scene.udp(endpoint("10.0.0.6", 50'000), server, stun_message(binding_request, 2));
    facts::Observation& before = scene.inspector().observation();
    EXPECT_TRUE(before.quality.recordings.at(1).same_flows_as.empty());
    scene.udp(server, client, stun_message(binding_success, 1));
    const facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.quality.recordings.at(1).same_flows_as, std::vector<std::uint32_t>{0});
    EXPECT_EQ(seen.flows.at(0).tap, 0U) << "where its first packet was seen";
    EXPECT_EQ(seen.flows.at(1).tap, 1U);
}

TEST(Quality, ImpossibleTimesDoNoHarm) {
    Scene scene;
    const Octets request = stun_message(binding_request, 1);
    const Octets response = stun_message(binding_success, 1);
    scene.jump(base::Timestamp::max()).play_now(scene.datagram(client, server, request));
    scene.jump(base::Timestamp::min()).play_now(scene.datagram(server, client, response));
    facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.quality.backward_steps, 1U);
    EXPECT_EQ(seen.flows.at(0).server().packets, 1U);
}

TEST(Quality, FramesClockAndProblemsAreCounted) {
    Inspector inspector({.hash_seed = 1});
    const auto start = base::from_nanoseconds(5'000'000'000);
    inspector.frame(start, 1, 60, 60);
    inspector.no_packet();
    inspector.frame(start - milliseconds{5}, 2, 60, 1'500);
    inspector.malformed("ipv4", base::ParseError::bad_length);
    inspector.frame(start, 3, 60, 60);
    inspector.fragment();
    inspector.lost(7, start, start + seconds{1});
    inspector.cut_off();
    inspector.finish();
    const facts::CaptureQuality& quality = inspector.observation().quality;
    EXPECT_EQ(quality.packets, 3U);
    EXPECT_EQ(quality.bytes, 1'620U);
    EXPECT_EQ(quality.cut, 1U);
    EXPECT_EQ(quality.backward_steps, 1U);
    EXPECT_EQ(quality.non_ip, 1U);
    EXPECT_EQ(quality.malformed, 1U);
    EXPECT_EQ(quality.fragments, 1U);
    EXPECT_EQ(quality.dropped, 7U);
    ASSERT_EQ(quality.losses.size(), 1U);
    EXPECT_EQ(quality.losses[0].from, start);
    EXPECT_EQ(quality.losses[0].to, start + seconds{1});
    EXPECT_TRUE(quality.cut_off);
    ASSERT_EQ(quality.problems.size(), 1U);
    EXPECT_EQ(quality.problems[0].protocol, "ipv4");
}

}  // namespace
}  // namespace turnpike::inspect::test
