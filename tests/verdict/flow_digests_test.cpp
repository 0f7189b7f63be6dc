// What digests say of flows is what the flows say.
#include "verdict/flow_digests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

base::IpAddress parsed_host(std::string_view text) {
    return base::IpAddress::parse(text).value();
}

TEST(Digest, IsOfOneHostOrNameAlone) {
    EXPECT_EQ(digest_of(parsed_host("192.0.2.1")), digest_of(parsed_host("192.0.2.1")));
    EXPECT_NE(digest_of(parsed_host("192.0.2.1")), digest_of(parsed_host("192.0.2.2")));
    EXPECT_EQ(digest_of("a.example"), digest_of(std::string("a.") + "example"));
    EXPECT_NE(digest_of("a.example"), digest_of("b.example"));
}

TEST(Digest, IsZeroOfNothingOnly) {
    EXPECT_EQ(digest_of(""), 0U);
    EXPECT_EQ(digest_of(base::IpAddress{}), 0U);
    EXPECT_NE(digest_of(parsed_host("0.0.0.0")), 0U);
    EXPECT_NE(digest_of("a"), 0U);
}

class FlowDigestsTest : public ::testing::Test {
  protected:
    [[nodiscard]] FlowDigests digests() const { return FlowDigests(built_.observation); }

    ObservationBuilder built_;
};

TEST_F(FlowDigestsTest, NameBothEndsWhoeverIsTheClient) {
    const auto& flow = built_.connection("203.0.113.1", 443, "", 0);
    const auto client = flow.client().address();
    auto found = digests();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].client, digest_of(client));
    EXPECT_EQ(found[0].server, digest_of(parsed_host("203.0.113.1")));
    built_.observation.flows[0].client_side = facts::other(flow.client_side);
    found = digests();
    EXPECT_EQ(found[0].client, digest_of(parsed_host("203.0.113.1")));
    EXPECT_EQ(found[0].server, digest_of(client));
}

TEST_F(FlowDigestsTest, TellFlowsWhoseClientPortIsOfASession) {
    auto& flow = built_.connection("203.0.113.1", 443, "", 0);
    EXPECT_FALSE(digests()[0].of_session);  // TCP
    flow.transport = facts::Transport::udp;
    EXPECT_TRUE(digests()[0].of_session);
    flow.protocol = facts::Protocol::ntp;
    EXPECT_FALSE(digests()[0].of_session);
    flow.protocol = facts::Protocol::unknown;
    flow.client().endpoint.port = 1023;
    EXPECT_FALSE(digests()[0].of_session);
}

TEST_F(FlowDigestsTest, TellWhoSpeaksIceOrWithAProxy) {
    auto& flow = built_.connection("203.0.113.1", 443, "", 0);
    EXPECT_FALSE(digests()[0].ice);
    EXPECT_FALSE(digests()[0].through_proxy);
    flow.stun.make().ice = true;
    EXPECT_TRUE(digests()[0].ice);
    flow.rare.make().proxy.make();
    EXPECT_TRUE(digests()[0].through_proxy);
}

TEST_F(FlowDigestsTest, ListWhatHasToDoWithVendors) {
    for (int i = 0; i < 5; ++i) {
        built_.connection("203.0.113.1", 443, "", i);
    }
    built_.observation.flows[4].protocol = facts::Protocol::zoom;
    const catalog::Revision revision;
    attribute::FlowAttributions attributions(5);
    attributions[1].make().rules.emplace_back();
    attributions[2].make().server_name = "a.example";
    attributions[3].make().server_name = "b.example";
    attributions[3].make().vendor_only = &revision;
    auto found = digests();
    EXPECT_THAT(found.of_vendors(), IsEmpty());
    found.attributed(attributions);
    EXPECT_THAT(found.of_vendors(), ElementsAre(1, 3, 4));
    EXPECT_THAT(found.named(), ElementsAre(2, 3));
    EXPECT_TRUE(found[1].rules);
    EXPECT_FALSE(found[3].rules);
    EXPECT_EQ(found[1].name, 0U);
    EXPECT_EQ(found[2].name, digest_of("a.example"));
}

}  // namespace
}  // namespace turnpike::verdict
