// Attempts that lose to a better one, and those that only look like it.
#include "verdict/rivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using ::testing::Contains;

constexpr auto v6_server = "2001:db8::1";
constexpr auto v6_client = "2001:db8:1::21";
constexpr std::uint16_t local_port = 50'000;

class RivalsTest : public ::testing::Test {
  protected:
    RivalsTest() { built_.goes_on_until(150); }

    [[nodiscard]] FlowVerdict verdict(std::size_t flow = 0) const {
        return evaluate(built_.observation, std::vector<const catalog::Revision*>{}).flows.at(flow);
    }
    static void name(facts::Flow& flow, std::string text = "www.example.com") {
        flow.server_name.make() = std::move(text);
        flow.server_name_source = facts::NameSource::sni;
    }
    facts::Flow& icmp(facts::Flow& flow) {
        auto& error = built_.observation.icmp.emplace_back();
        error.at = built_.mark(101);
        error.source = address("2001:db8:1::1");
        error.icmp_version = 6;
        error.type = 1;
        error.code = 1;
        flow.rare.make().icmp.push_back(
            static_cast<std::uint32_t>(built_.observation.icmp.size() - 1));
        return flow;
    }
    void expect_lost(const FlowVerdict& verdict, std::string_view note) {
        EXPECT_EQ(verdict.outcome, Outcome::inconclusive);
        EXPECT_EQ(verdict.inconclusive, InconclusiveReason::losing_candidate);
        EXPECT_EQ(verdict.reason, BlockReason::none);
        EXPECT_TRUE(verdict.discounted);
        EXPECT_THAT(*verdict.notes, Contains(std::string(note)));
    }

    ObservationBuilder built_;
};

// ---- address families (RFC 8305)

TEST_F(RivalsTest, TheOtherFamilyBesideItsWinnerLost) {
    name(built_.unanswered_syns(v6_server, 443, 100, 4, v6_client));
    built_.connection("203.0.113.1", 443, "www.example.com", 103);
    expect_lost(verdict(), "losing_address_family");
}

TEST_F(RivalsTest, WhatBeganLaterIsAnAttemptOfItsOwn) {
    name(built_.unanswered_syns(v6_server, 443, 100, 4, v6_client));
    built_.connection("203.0.113.1", 443, "www.example.com", 103.5);
    EXPECT_EQ(verdict().reason, BlockReason::tcp_timeout);
}

TEST_F(RivalsTest, AnotherNameOrPortIsNoWinner) {
    name(built_.unanswered_syns(v6_server, 443, 100, 4, v6_client));
    built_.connection("203.0.113.1", 443, "other.example.com", 100);
    built_.connection("203.0.113.1", 8443, "www.example.com", 100);
    EXPECT_EQ(verdict().reason, BlockReason::tcp_timeout);
}

TEST_F(RivalsTest, TheSameFamilyIsNoWinner) {
    name(built_.unanswered_syns("203.0.113.2", 443, 100));
    built_.connection("203.0.113.1", 443, "www.example.com", 100);
    EXPECT_EQ(verdict().reason, BlockReason::tcp_timeout);
}

TEST_F(RivalsTest, AnotherHostIsNoWinner) {
    auto& loser = built_.unanswered_syns(v6_server, 443, 100, 4, v6_client);
    name(loser);
    loser.client().link_address = 0x1;
    auto& winner = built_.connection("203.0.113.1", 443, "www.example.com", 100);
    winner.client().link_address = 0x2;
    EXPECT_EQ(verdict().reason, BlockReason::tcp_timeout);
    winner.client().link_address = 0x1;
    expect_lost(verdict(), "losing_address_family");
}

TEST_F(RivalsTest, WhatADeviceRefusedIsBlockedAllTheSame) {
    auto& refused = built_.unanswered_syns(v6_server, 443, 100, 4, v6_client);
    name(icmp(refused));
    built_.connection("203.0.113.1", 443, "www.example.com", 100.3);
    EXPECT_EQ(verdict().reason, BlockReason::icmp_prohibited);
    EXPECT_EQ(verdict().grade, Grade::a);
}

// ---- candidate pairs (RFC 8445)

TEST_F(RivalsTest, APairBesideAWinnerOfTheSameSessionLost) {
    for (const bool answered : {false, true}) {
        auto& flow = built_.ice(answered ? "203.0.113.7" : "203.0.113.8", 40'000, 100, answered);
        flow.client_of(flow.stun.make()).ufrag = "mine";
        flow.server_of(flow.stun.make()).ufrag = "yours";
    }
    expect_lost(verdict(), "losing_ice_pair");
    auto& second = built_.observation.flows[1];
    second.server_of(second.stun.make()).ufrag = "theirs";
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
}

TEST_F(RivalsTest, APairBesideAWinnerFromTheSamePortLost) {
    auto& loser = built_.ice("203.0.113.8", 40'000, 100, false);
    auto& winner = built_.ice("203.0.113.7", 40'000, 110, true);
    loser.client().endpoint.port = winner.client().endpoint.port = local_port;
    expect_lost(verdict(), "losing_ice_pair");
    winner.client().endpoint.port = local_port + 1;
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
}

TEST_F(RivalsTest, PeersWithoutIceAttributesDoTheSame) {
    auto& loser = built_.ice("203.0.113.8", 40'000, 100, false);
    loser.stun.make().ice = false;
    auto& winner = built_.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.7", 40'000);
    for (const double time : {100.0, 101.0}) {
        ObservationBuilder::count(winner.client(), built_.mark(time), true);
        ObservationBuilder::count(winner.server(), built_.mark(time + 0.1), true);
    }
    loser.client().endpoint.port = winner.client().endpoint.port = local_port;
    expect_lost(verdict(), "losing_ice_pair");
}

TEST_F(RivalsTest, ServicesWithFixedPortsAreNoSessions) {
    auto& loser = built_.ice("203.0.113.8", 40'000, 100, false);
    auto& dns = built_.flow(facts::Transport::udp, "192.168.10.21", "192.168.10.53", 53);
    dns.protocol = facts::Protocol::dns;
    for (const double time : {100.0, 101.0}) {
        ObservationBuilder::count(dns.client(), built_.mark(time), true);
        ObservationBuilder::count(dns.server(), built_.mark(time + 0.1), true);
    }
    loser.client().endpoint.port = dns.client().endpoint.port = local_port;
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
    dns.protocol = facts::Protocol::unknown;
    loser.client().endpoint.port = dns.client().endpoint.port = dns.server().endpoint.port = 123;
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
}

TEST_F(RivalsTest, ARelayThatFailsBesideAPeerThatWorksHasFailed) {
    auto& relay = built_.ice("203.0.113.8", 3478, 100, false);
    relay.protocol = facts::Protocol::turn;
    relay.stun.make().turn = true;
    auto& peer = built_.ice("203.0.113.7", 40'000, 100, true);
    relay.client().endpoint.port = peer.client().endpoint.port = local_port;
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
    peer.stun.make().turn = true;
    expect_lost(verdict(), "losing_ice_pair");
}

TEST_F(RivalsTest, ARelayThatOnlyAnswersWinsNoSessionOfPeers) {
    auto& peer = built_.ice("203.0.113.8", 40'000, 100, false);
    auto& relay = built_.ice("203.0.113.7", 3478, 100, true);
    relay.stun.make().turn = true;
    peer.client().endpoint.port = relay.client().endpoint.port = local_port;
    EXPECT_EQ(verdict().reason, BlockReason::udp_timeout);
    relay.server_of(relay.stun.make()).relayed_data = 1;
    expect_lost(verdict(), "losing_ice_pair");
}

TEST_F(RivalsTest, ChecksToPrivateAddressesElsewhereProveNothing) {
    built_.ice("10.9.9.9", 40'000, 100, false);
    expect_lost(verdict(0), "private_candidate");
    built_.ice("192.168.10.77", 40'000, 100, false);
    EXPECT_EQ(verdict(1).reason, BlockReason::udp_timeout) << "the client's own network";
}

// ---- challenges of a proxy (RFC 9110 15.5.8)

class ChallengeTest : public RivalsTest {
  protected:
    facts::Flow& connect(std::string target, std::uint16_t status, double when) {
        auto& flow = built_.connection("192.168.10.3", 3128, "", when);
        flow.tls = {};
        auto& proxy = flow.rare.make().proxy.make();
        proxy.request = flow.client_of(*flow.tcp).payload;
        proxy.response = flow.server_of(*flow.tcp).payload;
        proxy.target_host = std::move(target);
        proxy.target_port = 443;
        proxy.status = status;
        proxy.established = status == 200;
        return flow;
    }
};

TEST_F(ChallengeTest, ASuccessThatFollowsMeetsIt) {
    connect("www.example.com", 407, 100);
    EXPECT_EQ(verdict().reason, BlockReason::proxy_denied);
    connect("www.example.com", 200, 101);
    expect_lost(verdict(), "proxy_challenge");
}

TEST_F(ChallengeTest, ASuccessBeforeItDoesNot) {
    connect("www.example.com", 200, 100);
    connect("www.example.com", 407, 101);
    EXPECT_EQ(verdict(1).reason, BlockReason::proxy_denied);
}

TEST_F(ChallengeTest, ASuccessWithAnotherTargetDoesNot) {
    connect("www.example.com", 407, 100);
    connect("other.example.com", 200, 101);
    EXPECT_EQ(verdict().reason, BlockReason::proxy_denied);
}

TEST_F(ChallengeTest, OtherRefusalsAreNoChallenge) {
    connect("www.example.com", 403, 100);
    connect("www.example.com", 200, 101);
    EXPECT_EQ(verdict().reason, BlockReason::proxy_denied);
}

}  // namespace
}  // namespace turnpike::verdict
