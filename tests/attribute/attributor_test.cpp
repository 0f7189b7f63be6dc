// By what a flow is attributed: name, DNS, address, session or port, and what outweighs what.
#include "turnpike/attribute/attributor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/observation.h"

namespace turnpike::attribute {
namespace {

using namespace support;
using catalog::Transport;

class AttributorTest : public ::testing::Test {
  protected:
    AttributorTest() {
        catalog_.push_back(
            revision("acme", "calls",
                     {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                      rule("turn", {port(Transport::tcp, 443), port(Transport::udp, 3478)},
                           {"turn.acme.example.com"}),
                      any_rule("direct")}));
        catalog_.push_back(
            revision("rival", "meet",
                     {rule("signal", {port(Transport::tcp, 443)}, {"*.rival.example.net"}),
                      any_rule("direct")}));
    }

    FlowAttributions attribute(std::vector<bool> passed = {}) {
        const std::vector<const catalog::Revision*> considered{&catalog_[0], &catalog_[1]};
        const catalog::Index index(considered, public_names_);
        const Attributor attributor(built_.observation, index, true);
        auto flows = attributor.by_destination();
        passed.resize(flows.size(), true);
        attributor.by_context(passed, Hosts(built_.observation), flows);
        return flows;
    }

    std::string first_rule(const base::Lazy<FlowAttribution>& flow) {
        return flow->rules.empty() || flow->rules.front().port == nullptr
                   ? std::string{}
                   : flow->rules.front().revision->vendor + "/" + flow->rules.front().rule->id;
    }

    std::vector<catalog::Revision> catalog_;
    std::vector<catalog::NamePattern> public_names_;
    ObservationBuilder built_;
};

TEST_F(AttributorTest, AnSniIsExactAndCaseDoesNotMatter) {
    built_.connection("203.0.113.1", 443, "API.Acme.Example.COM", 0);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/signal");
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::exact);
}

TEST_F(AttributorTest, TwoThreadsShareTheFlows) {
    constexpr std::size_t count = 5'000;
    for (std::size_t i = 0; i < count; ++i) {
        built_.connection("203.0.113.1", 443, i % 3 == 0 ? "api.acme.example.com" : "", 0);
    }
    const std::vector<const catalog::Revision*> considered{&catalog_[0], &catalog_[1]};
    const catalog::Index index(considered, public_names_);
    const Attributor attributor(built_.observation, index, true);
    FlowAttributions flows(count);
    std::atomic<std::size_t> taken = 0;
    {
        const std::jthread other([&] { attributor.by_destination(taken, flows); });
        attributor.by_destination(taken, flows);
    }
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(first_rule(flows[i]), i % 3 == 0 ? "acme/signal" : "") << i;
    }
}

TEST_F(AttributorTest, TheExactNameWinsOverTheWildcard) {
    built_.connection("203.0.113.1", 443, "turn.acme.example.com", 0);
    const auto flows = attribute();
    ASSERT_EQ(flows[0]->rules.size(), 1U);
    EXPECT_EQ(first_rule(flows[0]), "acme/turn");
}

TEST_F(AttributorTest, DnsNamesAFlowWithoutAName) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    built_.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.9", 3478).client().first =
        built_.mark(1);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/turn");
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::dns);
    EXPECT_EQ(flows[0]->server_name, "turn.acme.example.com");
}

TEST_F(AttributorTest, ADnsAnswerExpiresAfterItsTimeToLiveAndGrace) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"}, "192.168.10.21", 60);
    built_.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.9", 3478).client().first =
        built_.mark(170);
    built_.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.9", 3478).client().first =
        built_.mark(200);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/turn");
    EXPECT_EQ(first_rule(flows[1]), "");
}

TEST_F(AttributorTest, AnotherClientsAnswerIsAMarkedFallback) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"}, "192.168.10.99");
    built_.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.9", 3478).client().first =
        built_.mark(1);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/turn");
    EXPECT_TRUE(flows[0]->rules.front().other_client);
}

TEST_F(AttributorTest, ANameThatFitsNoRuleIsNotRescuedByDns) {
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    built_.connection("203.0.113.9", 443, "www.unrelated.example.org", 1);
    const auto flows = attribute();
    EXPECT_TRUE(flows[0]->rules.empty());
    EXPECT_EQ(flows[0]->server_name, "www.unrelated.example.org");
}

TEST_F(AttributorTest, ANameBesideAnEncryptedHelloCountsLikeAnyOther) {
    built_.connection("203.0.113.9", 443, "api.acme.example.com", 1).tls.make().ech = true;
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/signal") << "browsers send a decoy of it in every hello";
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::exact);
}

TEST_F(AttributorTest, AProvidersPublicNameProvesNothingAndDnsIsAsked) {
    catalog::NamePattern pattern;
    pattern.text = "ech.cloud.example";
    public_names_.push_back(pattern);
    built_.connection("203.0.113.9", 443, "ech.cloud.example", 1).tls.make().ech = true;
    EXPECT_EQ(first_rule(attribute()[0]), "");
    built_.query("api.acme.example.com", 0, {"203.0.113.9"});
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/signal");
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::dns);
}

TEST_F(AttributorTest, ServicesOfTheNetworkMatchNoRuleByContext) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    auto& flow = built_.ice("198.51.100.7", 40000, 10, true);
    EXPECT_EQ(first_rule(attribute()[1]), "acme/direct");
    for (const auto protocol : {facts::Protocol::dns, facts::Protocol::ntp}) {
        flow.protocol = protocol;
        EXPECT_EQ(first_rule(attribute()[1]), "");
    }
}

TEST_F(AttributorTest, TheAddressFamiliesOfOneLinkAddressAreOneClient) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5).client().link_address = 0x1;
    built_.ice("2001:db8::7", 40000, 10, true, "2001:db8:1::21").client().link_address = 0x1;
    EXPECT_EQ(first_rule(attribute()[1]), "acme/direct");
    built_.connection("198.51.100.9", 443, "", 6, "192.168.10.22").client().link_address = 0x1;
    EXPECT_EQ(first_rule(attribute()[1]), "") << "a router with several clients behind it";
}

TEST_F(AttributorTest, ASharedNetworkSupportsAndNeverProves) {
    catalog_[0].rules.push_back(rule("edge", {port(Transport::tcp, 443)}, {}));
    auto& edge = catalog_[0].rules.back().destinations;
    edge.prefixes.emplace_back(*base::Prefix::parse("198.18.0.0/15"), "", true);
    built_.connection("198.18.3.4", 443, "", 1);
    EXPECT_TRUE(attribute()[0]->rules.empty());
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/edge");
    EXPECT_FALSE(proves_vendor(flows[0]->rules));
    EXPECT_TRUE(proves_vendor(flows[1]->rules));
}

TEST_F(AttributorTest, OnlyNetworksOfOneVendorTellWhoTheServerIs) {
    catalog_[0].rules.push_back(rule("edge", {port(Transport::udp, 3478)}, {}));
    auto& edge = catalog_[0].rules.back().destinations;
    edge.prefixes.emplace_back(*base::Prefix::parse("203.0.113.0/24"));
    edge.prefixes.emplace_back(*base::Prefix::parse("10.1.0.0/16"));
    const catalog::Index index(std::vector<const catalog::Revision*>{&catalog_[0]});
    EXPECT_TRUE(is_servers_network(index, address("203.0.113.9")));
    EXPECT_FALSE(is_servers_network(index, address("198.51.100.9")));
    EXPECT_FALSE(is_servers_network(index, address("10.1.0.9"))) << "anybody's network";
}

TEST_F(AttributorTest, AnyNeedsLiveSignallingOfOneVendor) {
    built_.ice("198.51.100.7", 40000, 10, true);
    EXPECT_EQ(first_rule(attribute()[0]), "") << "nobody vouches for it";
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/direct");
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::context);
}

TEST_F(AttributorTest, TwoLiveVendorsAreAmbiguous) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    built_.connection("203.0.113.2", 443, "api.rival.example.net", 5);
    built_.ice("198.51.100.7", 40000, 10, true);
    EXPECT_EQ(first_rule(attribute()[2]), "");
}

TEST_F(AttributorTest, BlockedSignallingVouchesForNothing) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    built_.ice("198.51.100.7", 40000, 10, true);
    EXPECT_EQ(first_rule(attribute({false, true})[1]), "");
}

TEST_F(AttributorTest, SignallingThatEndedLongAgoVouchesForNothing) {
    auto& signalling = built_.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    signalling.client_of(signalling.tcp.make()).rst.make().at = built_.mark(1);
    built_.ice("198.51.100.7", 40000, 130, true);
    built_.ice("198.51.100.8", 40000, 100, true);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[1]), "");
    EXPECT_EQ(first_rule(flows[2]), "acme/direct");
}

TEST_F(AttributorTest, APlainBindingSupportsNoPeerToPeerRule) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    built_.ice("198.51.100.7", 3478, 10, true).stun.make().ice = false;
    EXPECT_EQ(first_rule(attribute()[1]), "");
}

TEST_F(AttributorTest, AnAddressThatTheSessionNamedNeedsNoOther) {
    // Both vendors are live, but only acme's relay named the peer.
    built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
    auto& relay = built_.ice("203.0.113.9", 3478, 1, true);
    relay.stun.make().ice = false;
    relay.protocol = facts::Protocol::turn;
    auto& permission = built_.observation.stun.emplace_back();
    permission.peers.push_back({address("198.51.100.7"), 40000});
    relay.rare.make().transactions.push_back(0);
    built_.connection("203.0.113.2", 443, "api.rival.example.net", 5);
    built_.ice("198.51.100.7", 40000, 10, true);
    EXPECT_EQ(first_rule(attribute()[2]), "acme/direct");
}

TEST_F(AttributorTest, ASharedNameNeedsTrafficThatIsSurelyTheVendors) {
    catalog_[0].rules.push_back(rule("avatars", {port(Transport::tcp, 443)}, {"*.cloud.example"}));
    catalog_[0].rules.back().destinations.names.front().shared = true;
    built_.connection("203.0.113.5", 443, "d1.cloud.example", 1);
    EXPECT_TRUE(attribute()[0]->rules.empty());
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 5);
    EXPECT_EQ(first_rule(attribute()[0]), "acme/avatars");
}

TEST_F(AttributorTest, APortThatNoRowNamesIsUndocumented) {
    built_.connection("203.0.113.1", 8443, "api.acme.example.com", 1);
    const auto flows = attribute();
    ASSERT_FALSE(flows[0]->rules.empty());
    EXPECT_EQ(flows[0]->rules.front().port, nullptr);
    EXPECT_EQ(flows[0]->rules.front().revision->vendor, "acme");
}

TEST_F(AttributorTest, ALoopbackAddressIsTheVendorsOnlyAtItsPort) {
    catalog_[0].rules.push_back(rule("agent", {port(Transport::tcp, 8191)}, {}));
    catalog_[0].rules.back().destinations.prefixes.emplace_back(
        *base::Prefix::parse("127.0.0.1/32"));
    built_.connection("127.0.0.1", 8191, "", 1);
    built_.connection("127.0.0.1", 80, "", 1);
    const auto flows = attribute();
    EXPECT_EQ(first_rule(flows[0]), "acme/agent");
    EXPECT_TRUE(flows[1]->rules.empty());
}

TEST_F(AttributorTest, ANameBesideTheVendorsIsUndocumented) {
    built_.connection("203.0.113.1", 443, "www.example.com", 1);
    const auto flows = attribute();
    EXPECT_TRUE(flows[0]->rules.empty());
    ASSERT_NE(flows[0]->vendor_only, nullptr);
    EXPECT_EQ(flows[0]->vendor_only->vendor, "acme");
}

TEST_F(AttributorTest, BehindAProxyTheTargetIsTheDestination) {
    auto& flow = built_.connection("192.168.10.8", 3128, "", 1);
    flow.server_name_source = facts::NameSource::none;
    auto& proxy = flow.rare.make().proxy.make();
    proxy.request = built_.mark(1.1);
    proxy.target_host = "api.acme.example.com";
    proxy.target_port = 443;
    EXPECT_EQ(first_rule(attribute()[0]), "acme/signal");
}

TEST_F(AttributorTest, APortAloneSpeaksForFlowsThatNothingNames) {
    catalog_[0].rules.push_back(rule("media", {port(Transport::udp, 9700)}, {}));
    built_.flow(facts::Transport::udp, "192.168.10.21", "198.51.100.7", 9700).client().first =
        built_.mark(1);
    const auto flows = attribute();
    ASSERT_EQ(first_rule(flows[0]), "acme/media");
    EXPECT_EQ(flows[0]->rules.front().confidence, Confidence::port);
    built_.query("www.example.com", 0, {"198.51.100.7"});
    EXPECT_EQ(first_rule(attribute()[0]), "") << "it has a name, which is in no rule";
}

TEST_F(AttributorTest, TheDotBehindANameDoesNotMatter) {
    built_.connection("203.0.113.1", 443, "api.acme.example.com.", 0);
    EXPECT_EQ(first_rule(attribute()[0]), "acme/signal");
}

TEST_F(AttributorTest, ACertificateNamesAServerAndProvesNothing) {
    auto& flow = built_.connection("203.0.113.1", 443, "", 0);
    flow.tls.make().certificate.make().names = {"api.acme.example.com"};
    const auto flows = attribute();
    EXPECT_EQ(flows[0]->server_name, "api.acme.example.com");
    EXPECT_EQ(flows[0]->server_name_source, facts::NameSource::certificate);
    EXPECT_TRUE(flows[0]->rules.empty());
}

TEST_F(AttributorTest, ARuleForInboundTrafficIsNotOfANameThatClientsAskFor) {
    catalog_[0].rules.push_back(rule("hooks", {port(Transport::tcp, 443)}, {"hooks.acme.example"}));
    const catalog::Index before(std::vector<const catalog::Revision*>{&catalog_[0]});
    EXPECT_EQ(rules_of_name(before, "hooks.acme.example").size(), 1U);
    catalog_[0].rules.back().direction = catalog::RuleDirection::inbound;
    const catalog::Index index(std::vector<const catalog::Revision*>{&catalog_[0]});
    EXPECT_TRUE(rules_of_name(index, "hooks.acme.example").empty());
}

}  // namespace
}  // namespace turnpike::attribute
